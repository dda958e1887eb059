-- Check constraints. Weft has none.
SELECT CAST(NULL AS name) AS constraint_catalog, CAST(NULL AS name) AS constraint_schema,
  CAST(NULL AS name) AS constraint_name, CAST(NULL AS character varying) AS check_clause
WHERE false;
