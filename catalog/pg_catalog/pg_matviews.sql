-- Materialized views. Weft has none.
SELECT CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS matviewname, CAST(NULL AS name) AS matviewowner,
  CAST(NULL AS name) AS tablespace, CAST(NULL AS boolean) AS hasindexes, CAST(NULL AS boolean) AS ispopulated,
  CAST(NULL AS text) AS definition
WHERE false;
