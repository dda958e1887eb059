-- Constraints of tables. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS conname, CAST(NULL AS oid) AS connamespace,
  CAST(NULL AS "char") AS contype, CAST(NULL AS boolean) AS condeferrable, CAST(NULL AS boolean) AS condeferred,
  CAST(NULL AS boolean) AS convalidated, CAST(NULL AS oid) AS conrelid, CAST(NULL AS oid) AS contypid,
  CAST(NULL AS oid) AS conindid, CAST(NULL AS oid) AS conparentid, CAST(NULL AS oid) AS confrelid,
  CAST(NULL AS "char") AS confupdtype, CAST(NULL AS "char") AS confdeltype, CAST(NULL AS "char") AS confmatchtype,
  CAST(NULL AS boolean) AS conislocal, CAST(NULL AS smallint) AS coninhcount, CAST(NULL AS boolean) AS connoinherit,
  CAST(NULL AS smallint[]) AS conkey, CAST(NULL AS smallint[]) AS confkey, CAST(NULL AS oid[]) AS conpfeqop,
  CAST(NULL AS oid[]) AS conppeqop, CAST(NULL AS oid[]) AS conffeqop, CAST(NULL AS smallint[]) AS confdelsetcols,
  CAST(NULL AS oid[]) AS conexclop, CAST(NULL AS pg_node_tree) AS conbin
WHERE false;
