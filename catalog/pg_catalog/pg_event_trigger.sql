-- Event triggers. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS evtname, CAST(NULL AS name) AS evtevent,
  CAST(NULL AS oid) AS evtowner, CAST(NULL AS oid) AS evtfoid, CAST(NULL AS "char") AS evtenabled,
  CAST(NULL AS text[]) AS evttags
WHERE false;
