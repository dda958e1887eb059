-- Columns that views use. Weft has none.
SELECT CAST(NULL AS name) AS view_catalog, CAST(NULL AS name) AS view_schema, CAST(NULL AS name) AS view_name,
  CAST(NULL AS name) AS table_catalog, CAST(NULL AS name) AS table_schema, CAST(NULL AS name) AS table_name,
  CAST(NULL AS name) AS column_name
WHERE false;
