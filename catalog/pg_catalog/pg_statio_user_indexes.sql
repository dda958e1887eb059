-- Blocks read of indexes of users' tables. Weft has none.
SELECT CAST(NULL AS oid) AS relid, CAST(NULL AS oid) AS indexrelid, CAST(NULL AS name) AS schemaname,
  CAST(NULL AS name) AS relname, CAST(NULL AS name) AS indexrelname, CAST(NULL AS bigint) AS idx_blks_read,
  CAST(NULL AS bigint) AS idx_blks_hit
WHERE false;
