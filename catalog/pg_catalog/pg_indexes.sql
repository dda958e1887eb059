-- Indexes, by name. Weft has none.
SELECT CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS tablename, CAST(NULL AS name) AS indexname,
  CAST(NULL AS name) AS tablespace, CAST(NULL AS text) AS indexdef
WHERE false;
