-- Privileges of usage, granted to or by roles of the user. Weft has none.
SELECT CAST(NULL AS name) AS grantor, CAST(NULL AS name) AS grantee, CAST(NULL AS name) AS object_catalog,
  CAST(NULL AS name) AS object_schema, CAST(NULL AS name) AS object_name,
  CAST(NULL AS character varying) AS object_type, CAST(NULL AS character varying) AS privilege_type,
  CAST(NULL AS character varying) AS is_grantable
WHERE false;
