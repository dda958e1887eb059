-- Roles that the user may grant.
SELECT CAST(member AS name) AS grantee, CAST(role AS name) AS role_name, CAST('YES' AS character varying) AS is_grantable
FROM system.internal.role_members
WHERE is_ours AND is_admin;
