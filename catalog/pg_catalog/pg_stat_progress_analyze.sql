-- Progress of ANALYZE. Weft has none.
SELECT CAST(NULL AS integer) AS pid, CAST(NULL AS oid) AS datid, CAST(NULL AS name) AS datname,
  CAST(NULL AS oid) AS relid, CAST(NULL AS text) AS phase, CAST(NULL AS bigint) AS sample_blks_total,
  CAST(NULL AS bigint) AS sample_blks_scanned, CAST(NULL AS bigint) AS ext_stats_total,
  CAST(NULL AS bigint) AS ext_stats_computed, CAST(NULL AS bigint) AS child_tables_total,
  CAST(NULL AS bigint) AS child_tables_done, CAST(NULL AS oid) AS current_child_table_relid
WHERE false;
