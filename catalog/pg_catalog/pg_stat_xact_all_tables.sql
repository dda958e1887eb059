-- Use of tables in this transaction. Weft has none.
SELECT CAST(NULL AS oid) AS relid, CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS relname,
  CAST(NULL AS bigint) AS seq_scan, CAST(NULL AS bigint) AS seq_tup_read, CAST(NULL AS bigint) AS idx_scan,
  CAST(NULL AS bigint) AS idx_tup_fetch, CAST(NULL AS bigint) AS n_tup_ins, CAST(NULL AS bigint) AS n_tup_upd,
  CAST(NULL AS bigint) AS n_tup_del, CAST(NULL AS bigint) AS n_tup_hot_upd, CAST(NULL AS bigint) AS n_tup_newpage_upd
WHERE false;
