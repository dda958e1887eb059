-- Calls of functions. Weft has none.
SELECT CAST(NULL AS oid) AS funcid, CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS funcname,
  CAST(NULL AS bigint) AS calls, CAST(NULL AS double precision) AS total_time,
  CAST(NULL AS double precision) AS self_time
WHERE false;
