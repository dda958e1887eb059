-- Progress of origins of replication. Weft has none.
SELECT CAST(NULL AS oid) AS local_id, CAST(NULL AS text) AS external_id, CAST(NULL AS pg_lsn) AS remote_lsn,
  CAST(NULL AS pg_lsn) AS local_lsn
WHERE false;
