-- Members of roles.
SELECT oid, role_oid AS roleid, member_oid AS member, grantor_oid AS grantor, is_admin AS admin_option, true AS inherit_option,
  true AS set_option
FROM system.internal.role_members;
