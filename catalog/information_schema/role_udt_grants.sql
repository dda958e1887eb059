-- Privileges on types, granted to or by roles of the user. Weft has none.
SELECT CAST(NULL AS name) AS grantor, CAST(NULL AS name) AS grantee, CAST(NULL AS name) AS udt_catalog,
  CAST(NULL AS name) AS udt_schema, CAST(NULL AS name) AS udt_name, CAST(NULL AS character varying) AS privilege_type,
  CAST(NULL AS character varying) AS is_grantable
WHERE false;
