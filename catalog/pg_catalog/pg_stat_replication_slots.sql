-- Use of slots of replication. Weft has none.
SELECT CAST(NULL AS text) AS slot_name, CAST(NULL AS bigint) AS spill_txns, CAST(NULL AS bigint) AS spill_count,
  CAST(NULL AS bigint) AS spill_bytes, CAST(NULL AS bigint) AS stream_txns, CAST(NULL AS bigint) AS stream_count,
  CAST(NULL AS bigint) AS stream_bytes, CAST(NULL AS bigint) AS total_txns, CAST(NULL AS bigint) AS total_bytes,
  CAST(NULL AS timestamp with time zone) AS stats_reset
WHERE false;
