-- Caches of small tables of the server. Weft has none.
SELECT CAST(NULL AS text) AS name, CAST(NULL AS bigint) AS blks_zeroed, CAST(NULL AS bigint) AS blks_hit,
  CAST(NULL AS bigint) AS blks_read, CAST(NULL AS bigint) AS blks_written, CAST(NULL AS bigint) AS blks_exists,
  CAST(NULL AS bigint) AS flushes, CAST(NULL AS bigint) AS truncates,
  CAST(NULL AS timestamp with time zone) AS stats_reset
WHERE false;
