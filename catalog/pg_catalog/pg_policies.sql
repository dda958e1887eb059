-- Row security policies, by name. Weft has none.
SELECT CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS tablename, CAST(NULL AS name) AS policyname,
  CAST(NULL AS text) AS permissive, CAST(NULL AS name[]) AS roles, CAST(NULL AS text) AS cmd,
  CAST(NULL AS text) AS qual, CAST(NULL AS text) AS with_check
WHERE false;
