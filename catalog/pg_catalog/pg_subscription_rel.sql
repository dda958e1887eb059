-- Tables of subscriptions. Weft has none.
SELECT CAST(NULL AS oid) AS srsubid, CAST(NULL AS oid) AS srrelid, CAST(NULL AS "char") AS srsubstate,
  CAST(NULL AS pg_lsn) AS srsublsn
WHERE false;
