-- Schemas.
SELECT oid, name AS nspname, CAST(10 AS bigint) AS nspowner, CAST(NULL AS text) AS nspacl
FROM system.internal.namespaces;
