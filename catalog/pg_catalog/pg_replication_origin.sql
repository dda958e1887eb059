-- Origins of replication. Weft has none.
SELECT CAST(NULL AS oid) AS roident, CAST(NULL AS text) AS roname
WHERE false;
