-- Privileges on tables and views that roles of the user have.
SELECT CAST('weft' AS name) AS grantor, CAST(current_user AS name) AS grantee,
  CAST(current_database() AS name) AS table_catalog, CAST(namespace AS name) AS table_schema, CAST(name AS name) AS table_name,
  CAST('SELECT' AS character varying) AS privilege_type, CAST('NO' AS character varying) AS is_grantable,
  CAST('YES' AS character varying) AS with_hierarchy
FROM system.internal.relations
WHERE kind <> 'i';
