-- Transforms between types and languages. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS trftype, CAST(NULL AS oid) AS trflang,
  CAST(NULL AS regproc) AS trffromsql, CAST(NULL AS regproc) AS trftosql
WHERE false;
