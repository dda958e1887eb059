-- Operator families of access methods. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS opfmethod, CAST(NULL AS name) AS opfname,
  CAST(NULL AS oid) AS opfnamespace, CAST(NULL AS oid) AS opfowner
WHERE false;
