-- Users on foreign servers, for the other views. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS text[]) AS umoptions, CAST(NULL AS oid) AS umuser,
  CAST(NULL AS name) AS authorization_identifier, CAST(NULL AS name) AS foreign_server_catalog,
  CAST(NULL AS name) AS foreign_server_name, CAST(NULL AS name) AS srvowner
WHERE false;
