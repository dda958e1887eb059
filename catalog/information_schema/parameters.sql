-- Parameters of routines. Weft has none.
SELECT CAST(NULL AS name) AS specific_catalog, CAST(NULL AS name) AS specific_schema,
  CAST(NULL AS name) AS specific_name, CAST(NULL AS integer) AS ordinal_position,
  CAST(NULL AS character varying) AS parameter_mode, CAST(NULL AS character varying) AS is_result,
  CAST(NULL AS character varying) AS as_locator, CAST(NULL AS name) AS parameter_name,
  CAST(NULL AS character varying) AS data_type, CAST(NULL AS integer) AS character_maximum_length,
  CAST(NULL AS integer) AS character_octet_length, CAST(NULL AS name) AS character_set_catalog,
  CAST(NULL AS name) AS character_set_schema, CAST(NULL AS name) AS character_set_name,
  CAST(NULL AS name) AS collation_catalog, CAST(NULL AS name) AS collation_schema,
  CAST(NULL AS name) AS collation_name, CAST(NULL AS integer) AS numeric_precision,
  CAST(NULL AS integer) AS numeric_precision_radix, CAST(NULL AS integer) AS numeric_scale,
  CAST(NULL AS integer) AS datetime_precision, CAST(NULL AS character varying) AS interval_type,
  CAST(NULL AS integer) AS interval_precision, CAST(NULL AS name) AS udt_catalog, CAST(NULL AS name) AS udt_schema,
  CAST(NULL AS name) AS udt_name, CAST(NULL AS name) AS scope_catalog, CAST(NULL AS name) AS scope_schema,
  CAST(NULL AS name) AS scope_name, CAST(NULL AS integer) AS maximum_cardinality,
  CAST(NULL AS name) AS dtd_identifier, CAST(NULL AS character varying) AS parameter_default
WHERE false;
