-- Tables and views of this catalog.
SELECT oid, CAST(name AS name) AS relname, namespace_oid AS relnamespace, CAST(0 AS oid) AS reltype, CAST(0 AS oid) AS reloftype,
  CAST(10 AS oid) AS relowner, CAST(0 AS oid) AS relam, CAST(0 AS oid) AS relfilenode, CAST(0 AS oid) AS reltablespace,
  CAST(coalesce(bytes, 0) / 8192 AS integer) AS relpages, CAST(-1 AS real) AS reltuples, CAST(0 AS integer) AS relallvisible,
  CAST(0 AS oid) AS reltoastrelid, false AS relhasindex, false AS relisshared, CAST('p' AS "char") AS relpersistence,
  CAST(kind AS "char") AS relkind, columns AS relnatts, CAST(0 AS smallint) AS relchecks, kind = 'v' AS relhasrules,
  false AS relhastriggers, false AS relhassubclass, false AS relrowsecurity, false AS relforcerowsecurity, true AS relispopulated,
  CAST(CASE kind WHEN 'v' THEN 'n' ELSE 'd' END AS "char") AS relreplident, false AS relispartition, CAST(0 AS oid) AS relrewrite,
  CAST(0 AS xid) AS relfrozenxid, CAST(0 AS xid) AS relminmxid, CAST(NULL AS aclitem[]) AS relacl,
  CAST(NULL AS text[]) AS reloptions, CAST(NULL AS pg_node_tree) AS relpartbound
FROM system.internal.relations;
