-- Archiving of the log. Weft has none.
SELECT CAST(NULL AS bigint) AS archived_count, CAST(NULL AS text) AS last_archived_wal,
  CAST(NULL AS timestamp with time zone) AS last_archived_time, CAST(NULL AS bigint) AS failed_count,
  CAST(NULL AS text) AS last_failed_wal, CAST(NULL AS timestamp with time zone) AS last_failed_time,
  CAST(NULL AS timestamp with time zone) AS stats_reset
WHERE false;
