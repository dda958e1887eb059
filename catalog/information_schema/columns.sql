-- Columns.
SELECT current_database() AS table_catalog, namespace AS table_schema, relation AS table_name, name AS column_name, position AS ordinal_position,
  CASE WHEN nullable THEN 'YES' ELSE 'NO' END AS is_nullable, type_name AS data_type
FROM system.internal.attributes;
