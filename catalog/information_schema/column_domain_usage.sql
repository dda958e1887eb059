-- Columns whose type is a domain. Weft has none.
SELECT CAST(NULL AS name) AS domain_catalog, CAST(NULL AS name) AS domain_schema, CAST(NULL AS name) AS domain_name,
  CAST(NULL AS name) AS table_catalog, CAST(NULL AS name) AS table_schema, CAST(NULL AS name) AS table_name,
  CAST(NULL AS name) AS column_name
WHERE false;
