-- Columns that constraints use. Weft has none.
SELECT CAST(NULL AS name) AS table_catalog, CAST(NULL AS name) AS table_schema, CAST(NULL AS name) AS table_name,
  CAST(NULL AS name) AS column_name, CAST(NULL AS name) AS constraint_catalog,
  CAST(NULL AS name) AS constraint_schema, CAST(NULL AS name) AS constraint_name
WHERE false;
