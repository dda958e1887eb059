-- Progress of CLUSTER and VACUUM FULL. Weft has none.
SELECT CAST(NULL AS integer) AS pid, CAST(NULL AS oid) AS datid, CAST(NULL AS name) AS datname,
  CAST(NULL AS oid) AS relid, CAST(NULL AS text) AS command, CAST(NULL AS text) AS phase,
  CAST(NULL AS oid) AS cluster_index_relid, CAST(NULL AS bigint) AS heap_tuples_scanned,
  CAST(NULL AS bigint) AS heap_tuples_written, CAST(NULL AS bigint) AS heap_blks_total,
  CAST(NULL AS bigint) AS heap_blks_scanned, CAST(NULL AS bigint) AS index_rebuild_count
WHERE false;
