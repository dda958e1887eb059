-- Large objects. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS lomowner, CAST(NULL AS aclitem[]) AS lomacl
WHERE false;
