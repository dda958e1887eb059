-- Workers of subscriptions. Weft has none.
SELECT CAST(NULL AS oid) AS subid, CAST(NULL AS name) AS subname, CAST(NULL AS integer) AS pid,
  CAST(NULL AS integer) AS leader_pid, CAST(NULL AS oid) AS relid, CAST(NULL AS pg_lsn) AS received_lsn,
  CAST(NULL AS timestamp with time zone) AS last_msg_send_time,
  CAST(NULL AS timestamp with time zone) AS last_msg_receipt_time, CAST(NULL AS pg_lsn) AS latest_end_lsn,
  CAST(NULL AS timestamp with time zone) AS latest_end_time
WHERE false;
