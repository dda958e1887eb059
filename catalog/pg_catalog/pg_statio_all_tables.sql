-- Blocks read of tables. Weft has none.
SELECT CAST(NULL AS oid) AS relid, CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS relname,
  CAST(NULL AS bigint) AS heap_blks_read, CAST(NULL AS bigint) AS heap_blks_hit,
  CAST(NULL AS bigint) AS idx_blks_read, CAST(NULL AS bigint) AS idx_blks_hit,
  CAST(NULL AS bigint) AS toast_blks_read, CAST(NULL AS bigint) AS toast_blks_hit,
  CAST(NULL AS bigint) AS tidx_blks_read, CAST(NULL AS bigint) AS tidx_blks_hit
WHERE false;
