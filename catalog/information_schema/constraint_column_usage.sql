-- Columns that keys use; of a foreign key, those that it refers to. Known after a scan.
SELECT CAST(current_database() AS name) AS table_catalog,
  CAST(CASE c.kind WHEN 'f' THEN k.referenced_namespace ELSE c.namespace END AS name) AS table_schema,
  CAST(CASE c.kind WHEN 'f' THEN k.referenced_relation ELSE c.relation END AS name) AS table_name,
  CAST(CASE c.kind WHEN 'f' THEN k.referenced_column ELSE k."column" END AS name) AS column_name,
  CAST(current_database() AS name) AS constraint_catalog, CAST(c.namespace AS name) AS constraint_schema, CAST(c.name AS name) AS constraint_name
FROM system.internal.constraints AS c
  JOIN system.internal.key_columns AS k ON k.constraint_oid = c.oid
WHERE c.kind <> 'x';
