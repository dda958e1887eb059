-- Privileges on columns, granted to or by roles of the user. Weft has none.
SELECT CAST(NULL AS name) AS grantor, CAST(NULL AS name) AS grantee, CAST(NULL AS name) AS table_catalog,
  CAST(NULL AS name) AS table_schema, CAST(NULL AS name) AS table_name, CAST(NULL AS name) AS column_name,
  CAST(NULL AS character varying) AS privilege_type, CAST(NULL AS character varying) AS is_grantable
WHERE false;
