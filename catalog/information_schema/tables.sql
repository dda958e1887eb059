-- Tables and views.
SELECT current_database() AS table_catalog, namespace AS table_schema, name AS table_name,
  CASE kind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END AS table_type
FROM system.internal.relations;
