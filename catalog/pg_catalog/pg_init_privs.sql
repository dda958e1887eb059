-- Privileges as they were at first. Weft has none.
SELECT CAST(NULL AS oid) AS objoid, CAST(NULL AS oid) AS classoid, CAST(NULL AS integer) AS objsubid,
  CAST(NULL AS "char") AS privtype, CAST(NULL AS aclitem[]) AS initprivs
WHERE false;
