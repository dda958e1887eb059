-- Background writing. Weft has none.
SELECT CAST(NULL AS bigint) AS checkpoints_timed, CAST(NULL AS bigint) AS checkpoints_req,
  CAST(NULL AS double precision) AS checkpoint_write_time, CAST(NULL AS double precision) AS checkpoint_sync_time,
  CAST(NULL AS bigint) AS buffers_checkpoint, CAST(NULL AS bigint) AS buffers_clean,
  CAST(NULL AS bigint) AS maxwritten_clean, CAST(NULL AS bigint) AS buffers_backend,
  CAST(NULL AS bigint) AS buffers_backend_fsync, CAST(NULL AS bigint) AS buffers_alloc,
  CAST(NULL AS timestamp with time zone) AS stats_reset
WHERE false;
