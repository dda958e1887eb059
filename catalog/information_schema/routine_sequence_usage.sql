-- Sequences that routines use. Weft has none.
SELECT CAST(NULL AS name) AS specific_catalog, CAST(NULL AS name) AS specific_schema,
  CAST(NULL AS name) AS specific_name, CAST(NULL AS name) AS routine_catalog, CAST(NULL AS name) AS routine_schema,
  CAST(NULL AS name) AS routine_name, CAST(NULL AS name) AS sequence_catalog, CAST(NULL AS name) AS sequence_schema,
  CAST(NULL AS name) AS sequence_name
WHERE false;
