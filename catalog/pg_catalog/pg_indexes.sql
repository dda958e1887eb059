-- Indexes, by name; known after a scan.
SELECT CAST(namespace AS name) AS schemaname, CAST(relation AS name) AS tablename, CAST(name AS name) AS indexname,
  CAST(NULL AS name) AS tablespace, definition AS indexdef
FROM system.internal.indexes;
