-- Foreign tables, for the other views. Weft has none.
SELECT CAST(NULL AS name) AS foreign_table_catalog, CAST(NULL AS name) AS foreign_table_schema,
  CAST(NULL AS name) AS foreign_table_name, CAST(NULL AS text[]) AS ftoptions,
  CAST(NULL AS name) AS foreign_server_catalog, CAST(NULL AS name) AS foreign_server_name,
  CAST(NULL AS name) AS authorization_identifier
WHERE false;
