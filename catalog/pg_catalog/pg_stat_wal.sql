-- Writing of the log. Weft has none.
SELECT CAST(NULL AS bigint) AS wal_records, CAST(NULL AS bigint) AS wal_fpi, CAST(NULL AS numeric) AS wal_bytes,
  CAST(NULL AS bigint) AS wal_buffers_full, CAST(NULL AS bigint) AS wal_write, CAST(NULL AS bigint) AS wal_sync,
  CAST(NULL AS double precision) AS wal_write_time, CAST(NULL AS double precision) AS wal_sync_time,
  CAST(NULL AS timestamp with time zone) AS stats_reset
WHERE false;
