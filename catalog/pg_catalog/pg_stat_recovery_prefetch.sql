-- Reading ahead in recovery. Weft has none.
SELECT CAST(NULL AS timestamp with time zone) AS stats_reset, CAST(NULL AS bigint) AS prefetch,
  CAST(NULL AS bigint) AS hit, CAST(NULL AS bigint) AS skip_init, CAST(NULL AS bigint) AS skip_new,
  CAST(NULL AS bigint) AS skip_fpw, CAST(NULL AS bigint) AS skip_rep, CAST(NULL AS integer) AS wal_distance,
  CAST(NULL AS integer) AS block_distance, CAST(NULL AS integer) AS io_depth
WHERE false;
