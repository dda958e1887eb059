-- Slots of replication. Weft has none.
SELECT CAST(NULL AS name) AS slot_name, CAST(NULL AS name) AS plugin, CAST(NULL AS text) AS slot_type,
  CAST(NULL AS oid) AS datoid, CAST(NULL AS name) AS database, CAST(NULL AS boolean) AS temporary,
  CAST(NULL AS boolean) AS active, CAST(NULL AS integer) AS active_pid, CAST(NULL AS xid) AS xmin,
  CAST(NULL AS xid) AS catalog_xmin, CAST(NULL AS pg_lsn) AS restart_lsn, CAST(NULL AS pg_lsn) AS confirmed_flush_lsn,
  CAST(NULL AS text) AS wal_status, CAST(NULL AS bigint) AS safe_wal_size, CAST(NULL AS boolean) AS two_phase,
  CAST(NULL AS boolean) AS conflicting
WHERE false;
