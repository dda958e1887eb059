-- Foreign-data wrappers. Weft has none.
SELECT CAST(NULL AS name) AS foreign_data_wrapper_catalog, CAST(NULL AS name) AS foreign_data_wrapper_name,
  CAST(NULL AS name) AS authorization_identifier, CAST(NULL AS character varying) AS library_name,
  CAST(NULL AS character varying) AS foreign_data_wrapper_language
WHERE false;
