-- Roles, without their passwords.
SELECT CAST(name AS name) AS rolname, superuser AS rolsuper, true AS rolinherit, superuser AS rolcreaterole, superuser AS rolcreatedb,
  login AS rolcanlogin, false AS rolreplication, CAST(-1 AS integer) AS rolconnlimit, '********' AS rolpassword,
  CAST(NULL AS timestamp with time zone) AS rolvaliduntil, superuser AS rolbypassrls, CAST(NULL AS text[]) AS rolconfig, oid
FROM system.internal.roles;
