-- Functions that check constraints use. Weft has none.
SELECT CAST(NULL AS name) AS constraint_catalog, CAST(NULL AS name) AS constraint_schema,
  CAST(NULL AS name) AS constraint_name, CAST(NULL AS name) AS specific_catalog,
  CAST(NULL AS name) AS specific_schema, CAST(NULL AS name) AS specific_name
WHERE false;
