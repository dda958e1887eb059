-- Schemas of publications. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS pnpubid, CAST(NULL AS oid) AS pnnspid
WHERE false;
