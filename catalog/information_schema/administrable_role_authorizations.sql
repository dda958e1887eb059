-- Roles that the user may grant. Weft has none.
SELECT CAST(NULL AS name) AS grantee, CAST(NULL AS name) AS role_name, CAST(NULL AS character varying) AS is_grantable
WHERE false;
