-- Privileges on settings. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS text) AS parname, CAST(NULL AS aclitem[]) AS paracl
WHERE false;
