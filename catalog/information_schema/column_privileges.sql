-- Privileges on columns: everything can be read.
SELECT CAST('weft' AS name) AS grantor, CAST(current_user AS name) AS grantee,
  CAST(current_database() AS name) AS table_catalog, CAST(namespace AS name) AS table_schema,
  CAST(relation AS name) AS table_name, CAST(name AS name) AS column_name,
  CAST('SELECT' AS character varying) AS privilege_type, CAST('NO' AS character varying) AS is_grantable
FROM system.internal.attributes
WHERE NOT is_key;
