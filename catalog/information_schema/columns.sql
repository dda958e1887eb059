-- Columns of this catalog's tables and views.
SELECT CAST(current_database() AS name) AS table_catalog, CAST(a.namespace AS name) AS table_schema,
  CAST(a.relation AS name) AS table_name, CAST(a.name AS name) AS column_name, CAST(a.position AS integer) AS ordinal_position,
  CAST(a."default" AS character varying) AS column_default,
  CAST(CASE WHEN a.nullable THEN 'YES' ELSE 'NO' END AS character varying) AS is_nullable,
  CAST(CASE t.category WHEN 'A' THEN 'ARRAY' ELSE t.sql_name END AS character varying) AS data_type,
  CAST(NULL AS integer) AS character_maximum_length,
  CAST(CASE WHEN t.name IN ('text', 'varchar') THEN 1073741824 END AS integer) AS character_octet_length,
  CAST(CASE t.name WHEN 'int2' THEN 16 WHEN 'int4' THEN 32 WHEN 'int8' THEN 64 WHEN 'float4' THEN 24 WHEN 'float8' THEN 53 WHEN 'numeric' THEN CASE WHEN a.modifier >= 4 THEN (a.modifier - 4) / 65536 END END AS integer) AS numeric_precision,
  CAST(CASE WHEN t.name IN ('int2', 'int4', 'int8', 'float4', 'float8') THEN 2 WHEN t.name = 'numeric' THEN 10 END AS integer) AS numeric_precision_radix,
  CAST(CASE WHEN t.name IN ('int2', 'int4', 'int8') THEN 0 WHEN t.name = 'numeric' AND a.modifier >= 4 THEN (a.modifier - 4) % 65536 END AS integer) AS numeric_scale,
  CAST(CASE WHEN t.name = 'date' THEN 0 WHEN t.name IN ('time', 'timetz', 'timestamp', 'timestamptz', 'interval') THEN 6 END AS integer) AS datetime_precision,
  CAST(NULL AS character varying) AS interval_type, CAST(NULL AS integer) AS interval_precision,
  CAST(NULL AS name) AS character_set_catalog, CAST(NULL AS name) AS character_set_schema,
  CAST(NULL AS name) AS character_set_name, CAST(NULL AS name) AS collation_catalog, CAST(NULL AS name) AS collation_schema,
  CAST(NULL AS name) AS collation_name, CAST(NULL AS name) AS domain_catalog, CAST(NULL AS name) AS domain_schema,
  CAST(NULL AS name) AS domain_name, CAST(current_database() AS name) AS udt_catalog, CAST('pg_catalog' AS name) AS udt_schema,
  CAST(t.name AS name) AS udt_name, CAST(NULL AS name) AS scope_catalog, CAST(NULL AS name) AS scope_schema,
  CAST(NULL AS name) AS scope_name, CAST(NULL AS integer) AS maximum_cardinality,
  CAST(CAST(a.position AS text) AS name) AS dtd_identifier, CAST('NO' AS character varying) AS is_self_referencing,
  CAST('NO' AS character varying) AS is_identity, CAST(NULL AS character varying) AS identity_generation,
  CAST(NULL AS character varying) AS identity_start, CAST(NULL AS character varying) AS identity_increment,
  CAST(NULL AS character varying) AS identity_maximum, CAST(NULL AS character varying) AS identity_minimum,
  CAST('NO' AS character varying) AS identity_cycle, CAST('NEVER' AS character varying) AS is_generated,
  CAST(NULL AS character varying) AS generation_expression, CAST('NO' AS character varying) AS is_updatable
FROM system.internal.attributes AS a
  LEFT JOIN system.internal.types AS t ON t.oid = a.type_oid
WHERE NOT a.is_key;
