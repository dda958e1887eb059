-- Roles, without their passwords.
SELECT CAST(name AS name) AS rolname, superuser AS rolsuper, true AS rolinherit, superuser AS rolcreaterole, superuser AS rolcreatedb,
  login AS rolcanlogin, false AS rolreplication, connection_limit AS rolconnlimit, '********' AS rolpassword,
  valid_until AS rolvaliduntil, superuser AS rolbypassrls, CASE WHEN cardinality(variables) > 0 THEN variables END AS rolconfig, oid
FROM system.internal.roles;
