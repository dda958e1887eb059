-- Text search dictionaries. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS dictname, CAST(NULL AS oid) AS dictnamespace,
  CAST(NULL AS oid) AS dictowner, CAST(NULL AS oid) AS dicttemplate, CAST(NULL AS text) AS dictinitoption
WHERE false;
