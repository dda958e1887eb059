-- Privileges on routines. Weft has none.
SELECT CAST(NULL AS name) AS grantor, CAST(NULL AS name) AS grantee, CAST(NULL AS name) AS specific_catalog,
  CAST(NULL AS name) AS specific_schema, CAST(NULL AS name) AS specific_name, CAST(NULL AS name) AS routine_catalog,
  CAST(NULL AS name) AS routine_schema, CAST(NULL AS name) AS routine_name,
  CAST(NULL AS character varying) AS privilege_type, CAST(NULL AS character varying) AS is_grantable
WHERE false;
