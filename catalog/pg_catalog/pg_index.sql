-- Indexes. Weft has none.
SELECT CAST(NULL AS oid) AS indexrelid, CAST(NULL AS oid) AS indrelid, CAST(NULL AS smallint) AS indnatts,
  CAST(NULL AS smallint) AS indnkeyatts, CAST(NULL AS boolean) AS indisunique,
  CAST(NULL AS boolean) AS indnullsnotdistinct, CAST(NULL AS boolean) AS indisprimary,
  CAST(NULL AS boolean) AS indisexclusion, CAST(NULL AS boolean) AS indimmediate,
  CAST(NULL AS boolean) AS indisclustered, CAST(NULL AS boolean) AS indisvalid, CAST(NULL AS boolean) AS indcheckxmin,
  CAST(NULL AS boolean) AS indisready, CAST(NULL AS boolean) AS indislive, CAST(NULL AS boolean) AS indisreplident,
  CAST(NULL AS int2vector) AS indkey, CAST(NULL AS oidvector) AS indcollation, CAST(NULL AS oidvector) AS indclass,
  CAST(NULL AS int2vector) AS indoption, CAST(NULL AS pg_node_tree) AS indexprs, CAST(NULL AS pg_node_tree) AS indpred
WHERE false;
