-- Comments of tables, columns, schemas and functions.
SELECT oid AS objoid, CAST(1259 AS oid) AS classoid, CAST(0 AS integer) AS objsubid, comment AS description
FROM system.internal.relations WHERE comment IS NOT NULL
UNION ALL
SELECT relation_oid, CAST(1259 AS oid), CAST(position AS integer), comment FROM system.internal.attributes WHERE comment IS NOT NULL
UNION ALL
SELECT oid, CAST(2615 AS oid), CAST(0 AS integer), comment FROM system.internal.namespaces WHERE comment IS NOT NULL
UNION ALL
SELECT oid, CAST(1255 AS oid), CAST(0 AS integer), comment FROM system.internal.functions WHERE comment IS NOT NULL;
