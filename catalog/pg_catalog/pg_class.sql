-- Tables, views and indexes of this catalog; indexes are known after a scan.
SELECT oid, CAST(name AS name) AS relname, namespace_oid AS relnamespace, CAST(0 AS oid) AS reltype, CAST(0 AS oid) AS reloftype,
  CAST(10 AS oid) AS relowner, CAST(CASE kind WHEN 'i' THEN 403 ELSE 0 END AS oid) AS relam, CAST(0 AS oid) AS relfilenode, CAST(0 AS oid) AS reltablespace,
  CAST(coalesce(bytes, 0) / 8192 AS integer) AS relpages, CAST(-1 AS real) AS reltuples, CAST(0 AS integer) AS relallvisible,
  CAST(0 AS oid) AS reltoastrelid, has_indexes AS relhasindex, false AS relisshared, CAST('p' AS "char") AS relpersistence,
  CAST(kind AS "char") AS relkind, columns AS relnatts, checks AS relchecks, kind = 'v' AS relhasrules,
  has_references AS relhastriggers, false AS relhassubclass, false AS relrowsecurity, false AS relforcerowsecurity, true AS relispopulated,
  CAST(CASE kind WHEN 'r' THEN 'd' ELSE 'n' END AS "char") AS relreplident, false AS relispartition, CAST(0 AS oid) AS relrewrite,
  CAST(0 AS xid) AS relfrozenxid, CAST(0 AS xid) AS relminmxid, CAST(NULL AS aclitem[]) AS relacl,
  CAST(NULL AS text[]) AS reloptions, CAST(NULL AS pg_node_tree) AS relpartbound
FROM system.internal.relations;
