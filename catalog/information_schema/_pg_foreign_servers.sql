-- Foreign servers, for the other views. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS text[]) AS srvoptions, CAST(NULL AS name) AS foreign_server_catalog,
  CAST(NULL AS name) AS foreign_server_name, CAST(NULL AS name) AS foreign_data_wrapper_catalog,
  CAST(NULL AS name) AS foreign_data_wrapper_name, CAST(NULL AS character varying) AS foreign_server_type,
  CAST(NULL AS character varying) AS foreign_server_version, CAST(NULL AS name) AS authorization_identifier
WHERE false;
