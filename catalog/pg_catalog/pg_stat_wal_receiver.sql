-- Receiver of replication. Weft has none.
SELECT CAST(NULL AS integer) AS pid, CAST(NULL AS text) AS status, CAST(NULL AS pg_lsn) AS receive_start_lsn,
  CAST(NULL AS integer) AS receive_start_tli, CAST(NULL AS pg_lsn) AS written_lsn,
  CAST(NULL AS pg_lsn) AS flushed_lsn, CAST(NULL AS integer) AS received_tli,
  CAST(NULL AS timestamp with time zone) AS last_msg_send_time,
  CAST(NULL AS timestamp with time zone) AS last_msg_receipt_time, CAST(NULL AS pg_lsn) AS latest_end_lsn,
  CAST(NULL AS timestamp with time zone) AS latest_end_time, CAST(NULL AS text) AS slot_name,
  CAST(NULL AS text) AS sender_host, CAST(NULL AS integer) AS sender_port, CAST(NULL AS text) AS conninfo
WHERE false;
