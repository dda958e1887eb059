-- Text search configurations. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS cfgname, CAST(NULL AS oid) AS cfgnamespace,
  CAST(NULL AS oid) AS cfgowner, CAST(NULL AS oid) AS cfgparser
WHERE false;
