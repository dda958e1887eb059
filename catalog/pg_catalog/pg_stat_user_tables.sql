-- Use of users' tables: nothing is counted yet.
SELECT oid AS relid, CAST(namespace AS name) AS schemaname, CAST(name AS name) AS relname, CAST(0 AS bigint) AS seq_scan,
  CAST(NULL AS timestamp with time zone) AS last_seq_scan, CAST(0 AS bigint) AS seq_tup_read, CAST(0 AS bigint) AS idx_scan,
  CAST(NULL AS timestamp with time zone) AS last_idx_scan, CAST(0 AS bigint) AS idx_tup_fetch, CAST(0 AS bigint) AS n_tup_ins,
  CAST(0 AS bigint) AS n_tup_upd, CAST(0 AS bigint) AS n_tup_del, CAST(0 AS bigint) AS n_tup_hot_upd,
  CAST(0 AS bigint) AS n_tup_newpage_upd, CAST(0 AS bigint) AS n_live_tup, CAST(0 AS bigint) AS n_dead_tup,
  CAST(0 AS bigint) AS n_mod_since_analyze, CAST(0 AS bigint) AS n_ins_since_vacuum,
  CAST(NULL AS timestamp with time zone) AS last_vacuum, CAST(NULL AS timestamp with time zone) AS last_autovacuum,
  CAST(NULL AS timestamp with time zone) AS last_analyze, CAST(NULL AS timestamp with time zone) AS last_autoanalyze,
  CAST(0 AS bigint) AS vacuum_count, CAST(0 AS bigint) AS autovacuum_count, CAST(0 AS bigint) AS analyze_count,
  CAST(0 AS bigint) AS autoanalyze_count
FROM system.internal.relations
WHERE kind = 'r' AND namespace NOT IN ('pg_catalog', 'information_schema');
