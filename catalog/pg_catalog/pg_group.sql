-- Roles that may not log in.
SELECT rolname AS groname, oid AS grosysid, CAST(NULL AS oid[]) AS grolist
FROM pg_catalog.pg_roles
WHERE NOT rolcanlogin;
