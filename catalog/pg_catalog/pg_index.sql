-- Indexes of tables, known after a scan.
SELECT oid AS indexrelid, relation_oid AS indrelid, columns AS indnatts, columns AS indnkeyatts, is_unique AS indisunique,
  false AS indnullsnotdistinct, is_primary AS indisprimary, false AS indisexclusion, true AS indimmediate,
  false AS indisclustered, true AS indisvalid, false AS indcheckxmin, true AS indisready, true AS indislive, false AS indisreplident,
  CAST(keys AS int2vector) AS indkey, CAST('' AS oidvector) AS indcollation, CAST('' AS oidvector) AS indclass,
  CAST(trim(repeat('0 ', columns)) AS int2vector) AS indoption, CAST(NULL AS pg_node_tree) AS indexprs, CAST(NULL AS pg_node_tree) AS indpred
FROM system.internal.indexes;
