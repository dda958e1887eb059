-- Columns whose change fires a trigger. Weft has none.
SELECT CAST(NULL AS name) AS trigger_catalog, CAST(NULL AS name) AS trigger_schema,
  CAST(NULL AS name) AS trigger_name, CAST(NULL AS name) AS event_object_catalog,
  CAST(NULL AS name) AS event_object_schema, CAST(NULL AS name) AS event_object_table,
  CAST(NULL AS name) AS event_object_column
WHERE false;
