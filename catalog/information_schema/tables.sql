-- Tables and views of this catalog.
SELECT CAST(current_database() AS name) AS table_catalog, CAST(namespace AS name) AS table_schema,
  CAST(name AS name) AS table_name,
  CAST(CASE kind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END AS character varying) AS table_type,
  CAST(NULL AS name) AS self_referencing_column_name, CAST(NULL AS character varying) AS reference_generation,
  CAST(NULL AS name) AS user_defined_type_catalog, CAST(NULL AS name) AS user_defined_type_schema,
  CAST(NULL AS name) AS user_defined_type_name, CAST('NO' AS character varying) AS is_insertable_into,
  CAST('NO' AS character varying) AS is_typed, CAST(NULL AS character varying) AS commit_action
FROM system.internal.relations
WHERE kind <> 'i';
