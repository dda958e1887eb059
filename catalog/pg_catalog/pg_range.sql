-- Range types. Weft has none.
SELECT CAST(NULL AS oid) AS rngtypid, CAST(NULL AS oid) AS rngsubtype, CAST(NULL AS oid) AS rngmultitypid,
  CAST(NULL AS oid) AS rngcollation, CAST(NULL AS oid) AS rngsubopc, CAST(NULL AS regproc) AS rngcanonical,
  CAST(NULL AS regproc) AS rngsubdiff
WHERE false;
