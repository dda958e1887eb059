-- Schemas of this catalog.
SELECT oid, CAST(name AS name) AS nspname, CAST(10 AS oid) AS nspowner, CAST(NULL AS aclitem[]) AS nspacl
FROM system.internal.namespaces;
