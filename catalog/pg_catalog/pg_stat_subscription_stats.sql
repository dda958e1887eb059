-- Errors of subscriptions. Weft has none.
SELECT CAST(NULL AS oid) AS subid, CAST(NULL AS name) AS subname, CAST(NULL AS bigint) AS apply_error_count,
  CAST(NULL AS bigint) AS sync_error_count, CAST(NULL AS timestamp with time zone) AS stats_reset
WHERE false;
