-- Privileges on columns that were granted to or by roles of the user: those on their tables.
SELECT CAST(g.grantor AS name) AS grantor, CAST(g.grantee AS name) AS grantee,
  CAST(current_database() AS name) AS table_catalog, CAST(a.namespace AS name) AS table_schema,
  CAST(a.relation AS name) AS table_name, CAST(a.name AS name) AS column_name,
  CAST(g.privilege AS character varying) AS privilege_type,
  CAST(CASE WHEN g.is_grantable THEN 'YES' ELSE 'NO' END AS character varying) AS is_grantable
FROM system.internal.attributes AS a
  JOIN system.internal.table_grants AS g ON g.namespace = a.namespace AND g.relation = a.relation
WHERE NOT a.is_key AND g.privilege IN ('SELECT', 'INSERT') AND g.grantee <> 'PUBLIC';
