-- Use of indexes of system tables. Weft has none.
SELECT CAST(NULL AS oid) AS relid, CAST(NULL AS oid) AS indexrelid, CAST(NULL AS name) AS schemaname,
  CAST(NULL AS name) AS relname, CAST(NULL AS name) AS indexrelname, CAST(NULL AS bigint) AS idx_scan,
  CAST(NULL AS timestamp with time zone) AS last_idx_scan, CAST(NULL AS bigint) AS idx_tup_read,
  CAST(NULL AS bigint) AS idx_tup_fetch
WHERE false;
