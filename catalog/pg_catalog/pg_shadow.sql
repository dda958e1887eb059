-- Roles that may log in. Nobody sees a password.
SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS usesuper, rolreplication AS userepl,
  rolbypassrls AS usebypassrls, CAST(NULL AS text) AS passwd, rolvaliduntil AS valuntil, rolconfig AS useconfig
FROM pg_catalog.pg_roles
WHERE rolcanlogin;
