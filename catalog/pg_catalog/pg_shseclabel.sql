-- Security labels of objects that all databases share. Weft has none.
SELECT CAST(NULL AS oid) AS objoid, CAST(NULL AS oid) AS classoid, CAST(NULL AS text) AS provider,
  CAST(NULL AS text) AS label
WHERE false;
