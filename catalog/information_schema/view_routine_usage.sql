-- Routines that views use. Weft has none.
SELECT CAST(NULL AS name) AS table_catalog, CAST(NULL AS name) AS table_schema, CAST(NULL AS name) AS table_name,
  CAST(NULL AS name) AS specific_catalog, CAST(NULL AS name) AS specific_schema, CAST(NULL AS name) AS specific_name
WHERE false;
