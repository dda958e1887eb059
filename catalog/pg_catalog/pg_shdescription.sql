-- Comments of catalogs.
SELECT oid AS objoid, CAST(1262 AS oid) AS classoid, comment AS description
FROM system.internal.databases
WHERE comment IS NOT NULL;
