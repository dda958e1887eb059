-- Roles that were granted to roles of the user.
SELECT CAST(member AS name) AS grantee, CAST(role AS name) AS role_name,
  CAST(CASE WHEN is_admin THEN 'YES' ELSE 'NO' END AS character varying) AS is_grantable
FROM system.internal.role_members
WHERE is_ours;
