-- Blocks read of users' sequences. Weft has none.
SELECT CAST(NULL AS oid) AS relid, CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS relname,
  CAST(NULL AS bigint) AS blks_read, CAST(NULL AS bigint) AS blks_hit
WHERE false;
