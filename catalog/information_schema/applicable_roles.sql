-- Roles that were granted to the user. Weft has none.
SELECT CAST(current_user AS name) AS grantee, CAST(current_user AS name) AS role_name,
  CAST('NO' AS character varying) AS is_grantable
WHERE false;
