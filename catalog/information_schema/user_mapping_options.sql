-- Options of users on foreign servers. Weft has none.
SELECT CAST(NULL AS name) AS authorization_identifier, CAST(NULL AS name) AS foreign_server_catalog,
  CAST(NULL AS name) AS foreign_server_name, CAST(NULL AS name) AS option_name,
  CAST(NULL AS character varying) AS option_value
WHERE false;
