-- Security labels, by name. Weft has none.
SELECT CAST(NULL AS oid) AS objoid, CAST(NULL AS oid) AS classoid, CAST(NULL AS integer) AS objsubid,
  CAST(NULL AS text) AS objtype, CAST(NULL AS oid) AS objnamespace, CAST(NULL AS text) AS objname,
  CAST(NULL AS text) AS provider, CAST(NULL AS text) AS label
WHERE false;
