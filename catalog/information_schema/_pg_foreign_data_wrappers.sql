-- Foreign-data wrappers, for the other views. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS fdwowner, CAST(NULL AS text[]) AS fdwoptions,
  CAST(NULL AS name) AS foreign_data_wrapper_catalog, CAST(NULL AS name) AS foreign_data_wrapper_name,
  CAST(NULL AS name) AS authorization_identifier, CAST(NULL AS character varying) AS foreign_data_wrapper_language
WHERE false;
