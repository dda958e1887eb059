-- Columns that generated columns are made of. Weft has none.
SELECT CAST(NULL AS name) AS table_catalog, CAST(NULL AS name) AS table_schema, CAST(NULL AS name) AS table_name,
  CAST(NULL AS name) AS column_name, CAST(NULL AS name) AS dependent_column
WHERE false;
