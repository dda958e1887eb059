-- Options of foreign-data wrappers. Weft has none.
SELECT CAST(NULL AS name) AS foreign_data_wrapper_catalog, CAST(NULL AS name) AS foreign_data_wrapper_name,
  CAST(NULL AS name) AS option_name, CAST(NULL AS character varying) AS option_value
WHERE false;
