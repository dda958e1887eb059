-- Privileges that new objects get. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS defaclrole, CAST(NULL AS oid) AS defaclnamespace,
  CAST(NULL AS "char") AS defaclobjtype, CAST(NULL AS aclitem[]) AS defaclacl
WHERE false;
