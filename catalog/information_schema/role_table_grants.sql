-- Privileges on tables and views that were granted to or by roles of the user.
SELECT CAST(grantor AS name) AS grantor, CAST(grantee AS name) AS grantee,
  CAST(current_database() AS name) AS table_catalog, CAST(namespace AS name) AS table_schema, CAST(relation AS name) AS table_name,
  CAST(privilege AS character varying) AS privilege_type,
  CAST(CASE WHEN is_grantable THEN 'YES' ELSE 'NO' END AS character varying) AS is_grantable,
  CAST(CASE WHEN privilege = 'SELECT' THEN 'YES' ELSE 'NO' END AS character varying) AS with_hierarchy
FROM system.internal.table_grants
WHERE grantee <> 'PUBLIC';
