-- Options of foreign tables. Weft has none.
SELECT CAST(NULL AS name) AS foreign_table_catalog, CAST(NULL AS name) AS foreign_table_schema,
  CAST(NULL AS name) AS foreign_table_name, CAST(NULL AS name) AS option_name,
  CAST(NULL AS character varying) AS option_value
WHERE false;
