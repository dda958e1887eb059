-- Keys and conditions of tables, known after a scan.
SELECT CAST(current_database() AS name) AS constraint_catalog, CAST(namespace AS name) AS constraint_schema, CAST(name AS name) AS constraint_name,
  CAST(current_database() AS name) AS table_catalog, CAST(namespace AS name) AS table_schema, CAST(relation AS name) AS table_name,
  CAST(CASE kind WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' WHEN 'f' THEN 'FOREIGN KEY' ELSE 'CHECK' END AS character varying) AS constraint_type,
  CAST('NO' AS character varying) AS is_deferrable, CAST('NO' AS character varying) AS initially_deferred,
  CAST('YES' AS character varying) AS enforced, CAST(CASE kind WHEN 'u' THEN 'YES' END AS character varying) AS nulls_distinct
FROM system.internal.constraints
WHERE kind <> 'x';
