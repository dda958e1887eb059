-- The role of the user, and those of which it is a member.
SELECT CAST(name AS name) AS role_name
FROM system.internal.roles
WHERE is_ours;
