-- Columns with types of the user. Weft has none.
SELECT CAST(NULL AS name) AS udt_catalog, CAST(NULL AS name) AS udt_schema, CAST(NULL AS name) AS udt_name,
  CAST(NULL AS name) AS table_catalog, CAST(NULL AS name) AS table_schema, CAST(NULL AS name) AS table_name,
  CAST(NULL AS name) AS column_name
WHERE false;
