-- Users on foreign servers. Weft has none.
SELECT CAST(NULL AS name) AS authorization_identifier, CAST(NULL AS name) AS foreign_server_catalog,
  CAST(NULL AS name) AS foreign_server_name
WHERE false;
