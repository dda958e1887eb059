-- Reads and writes by kind of process. Weft has none.
SELECT CAST(NULL AS text) AS backend_type, CAST(NULL AS text) AS object, CAST(NULL AS text) AS context,
  CAST(NULL AS bigint) AS reads, CAST(NULL AS double precision) AS read_time, CAST(NULL AS bigint) AS writes,
  CAST(NULL AS double precision) AS write_time, CAST(NULL AS bigint) AS writebacks,
  CAST(NULL AS double precision) AS writeback_time, CAST(NULL AS bigint) AS extends,
  CAST(NULL AS double precision) AS extend_time, CAST(NULL AS bigint) AS op_bytes, CAST(NULL AS bigint) AS hits,
  CAST(NULL AS bigint) AS evictions, CAST(NULL AS bigint) AS reuses, CAST(NULL AS bigint) AS fsyncs,
  CAST(NULL AS double precision) AS fsync_time, CAST(NULL AS timestamp with time zone) AS stats_reset
WHERE false;
