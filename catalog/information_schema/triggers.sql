-- Triggers. Weft has none.
SELECT CAST(NULL AS name) AS trigger_catalog, CAST(NULL AS name) AS trigger_schema,
  CAST(NULL AS name) AS trigger_name, CAST(NULL AS character varying) AS event_manipulation,
  CAST(NULL AS name) AS event_object_catalog, CAST(NULL AS name) AS event_object_schema,
  CAST(NULL AS name) AS event_object_table, CAST(NULL AS integer) AS action_order,
  CAST(NULL AS character varying) AS action_condition, CAST(NULL AS character varying) AS action_statement,
  CAST(NULL AS character varying) AS action_orientation, CAST(NULL AS character varying) AS action_timing,
  CAST(NULL AS name) AS action_reference_old_table, CAST(NULL AS name) AS action_reference_new_table,
  CAST(NULL AS name) AS action_reference_old_row, CAST(NULL AS name) AS action_reference_new_row,
  CAST(NULL AS timestamp with time zone) AS created
WHERE false;
