-- Use of catalogs: nothing is counted yet.
SELECT oid AS datid, CAST(name AS name) AS datname, CAST(0 AS integer) AS numbackends, CAST(0 AS bigint) AS xact_commit,
  CAST(0 AS bigint) AS xact_rollback, CAST(0 AS bigint) AS blks_read, CAST(0 AS bigint) AS blks_hit,
  CAST(0 AS bigint) AS tup_returned, CAST(0 AS bigint) AS tup_fetched, CAST(0 AS bigint) AS tup_inserted,
  CAST(0 AS bigint) AS tup_updated, CAST(0 AS bigint) AS tup_deleted, CAST(0 AS bigint) AS conflicts,
  CAST(0 AS bigint) AS temp_files, CAST(0 AS bigint) AS temp_bytes, CAST(0 AS bigint) AS deadlocks,
  CAST(0 AS bigint) AS checksum_failures, CAST(NULL AS timestamp with time zone) AS checksum_last_failure,
  CAST(0 AS double precision) AS blk_read_time, CAST(0 AS double precision) AS blk_write_time,
  CAST(0 AS double precision) AS session_time, CAST(0 AS double precision) AS active_time,
  CAST(0 AS double precision) AS idle_in_transaction_time, CAST(0 AS bigint) AS sessions,
  CAST(0 AS bigint) AS sessions_abandoned, CAST(0 AS bigint) AS sessions_fatal, CAST(0 AS bigint) AS sessions_killed,
  CAST(NULL AS timestamp with time zone) AS stats_reset
FROM system.internal.databases;
