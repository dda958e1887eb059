-- Progress of COPY. Weft has none.
SELECT CAST(NULL AS integer) AS pid, CAST(NULL AS oid) AS datid, CAST(NULL AS name) AS datname,
  CAST(NULL AS oid) AS relid, CAST(NULL AS text) AS command, CAST(NULL AS text) AS type,
  CAST(NULL AS bigint) AS bytes_processed, CAST(NULL AS bigint) AS bytes_total,
  CAST(NULL AS bigint) AS tuples_processed, CAST(NULL AS bigint) AS tuples_excluded
WHERE false;
