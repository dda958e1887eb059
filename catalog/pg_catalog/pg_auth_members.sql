-- Members of roles. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS roleid, CAST(NULL AS oid) AS member,
  CAST(NULL AS oid) AS grantor, CAST(NULL AS boolean) AS admin_option, CAST(NULL AS boolean) AS inherit_option,
  CAST(NULL AS boolean) AS set_option
WHERE false;
