-- Progress of VACUUM. Weft has none.
SELECT CAST(NULL AS integer) AS pid, CAST(NULL AS oid) AS datid, CAST(NULL AS name) AS datname,
  CAST(NULL AS oid) AS relid, CAST(NULL AS text) AS phase, CAST(NULL AS bigint) AS heap_blks_total,
  CAST(NULL AS bigint) AS heap_blks_scanned, CAST(NULL AS bigint) AS heap_blks_vacuumed,
  CAST(NULL AS bigint) AS index_vacuum_count, CAST(NULL AS bigint) AS max_dead_tuples,
  CAST(NULL AS bigint) AS num_dead_tuples
WHERE false;
