-- Roles. Nobody sees a password.
SELECT oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit,
  CAST(NULL AS text) AS rolpassword, rolvaliduntil
FROM pg_catalog.pg_roles;
