-- Catalogs, as databases.
SELECT oid, CAST(name AS name) AS datname, CAST(10 AS oid) AS datdba, CAST(6 AS integer) AS encoding,
  CAST('c' AS "char") AS datlocprovider, false AS datistemplate, true AS datallowconn, CAST(-1 AS integer) AS datconnlimit,
  CAST(0 AS xid) AS datfrozenxid, CAST(1 AS xid) AS datminmxid, CAST(1663 AS oid) AS dattablespace,
  'C.UTF-8' AS datcollate, 'C.UTF-8' AS datctype, CAST(NULL AS text) AS daticulocale, CAST(NULL AS text) AS daticurules,
  CAST(NULL AS text) AS datcollversion, CAST(NULL AS aclitem[]) AS datacl
FROM system.internal.databases;
