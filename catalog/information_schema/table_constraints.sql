-- Constraints of tables. Weft has none.
SELECT CAST(NULL AS name) AS constraint_catalog, CAST(NULL AS name) AS constraint_schema,
  CAST(NULL AS name) AS constraint_name, CAST(NULL AS name) AS table_catalog, CAST(NULL AS name) AS table_schema,
  CAST(NULL AS name) AS table_name, CAST(NULL AS character varying) AS constraint_type,
  CAST(NULL AS character varying) AS is_deferrable, CAST(NULL AS character varying) AS initially_deferred,
  CAST(NULL AS character varying) AS enforced, CAST(NULL AS character varying) AS nulls_distinct
WHERE false;
