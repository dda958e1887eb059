-- Shared memory of the server. Weft has none.
SELECT CAST(NULL AS text) AS name, CAST(NULL AS bigint) AS off, CAST(NULL AS bigint) AS size,
  CAST(NULL AS bigint) AS allocated_size
WHERE false;
