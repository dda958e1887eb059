-- Constraints of tables, known after a scan.
SELECT oid, CAST(name AS name) AS conname, namespace_oid AS connamespace, CAST(kind AS "char") AS contype,
  false AS condeferrable, false AS condeferred, true AS convalidated, relation_oid AS conrelid, CAST(0 AS oid) AS contypid,
  index_oid AS conindid, CAST(0 AS oid) AS conparentid, referenced_oid AS confrelid,
  CAST(CASE WHEN kind <> 'f' THEN ' ' WHEN definition LIKE '%ON UPDATE CASCADE%' THEN 'c' WHEN definition LIKE '%ON UPDATE SET NULL%' THEN 'n'
    WHEN definition LIKE '%ON UPDATE SET DEFAULT%' THEN 'd' WHEN definition LIKE '%ON UPDATE RESTRICT%' THEN 'r' ELSE 'a' END AS "char") AS confupdtype,
  CAST(CASE WHEN kind <> 'f' THEN ' ' WHEN definition LIKE '%ON DELETE CASCADE%' THEN 'c' WHEN definition LIKE '%ON DELETE SET NULL%' THEN 'n'
    WHEN definition LIKE '%ON DELETE SET DEFAULT%' THEN 'd' WHEN definition LIKE '%ON DELETE RESTRICT%' THEN 'r' ELSE 'a' END AS "char") AS confdeltype,
  CAST(CASE kind WHEN 'f' THEN 's' ELSE ' ' END AS "char") AS confmatchtype, true AS conislocal, CAST(0 AS smallint) AS coninhcount,
  kind <> 'c' AS connoinherit, CAST(columns AS smallint[]) AS conkey,
  CASE kind WHEN 'f' THEN CAST(referenced_columns AS smallint[]) END AS confkey, CAST(NULL AS oid[]) AS conpfeqop,
  CAST(NULL AS oid[]) AS conppeqop, CAST(NULL AS oid[]) AS conffeqop, CAST(NULL AS smallint[]) AS confdelsetcols,
  CAST(NULL AS oid[]) AS conexclop, CAST(CASE kind WHEN 'c' THEN definition END AS pg_node_tree) AS conbin
FROM system.internal.constraints;
