-- Foreign keys. Weft has none.
SELECT CAST(NULL AS name) AS constraint_catalog, CAST(NULL AS name) AS constraint_schema,
  CAST(NULL AS name) AS constraint_name, CAST(NULL AS name) AS unique_constraint_catalog,
  CAST(NULL AS name) AS unique_constraint_schema, CAST(NULL AS name) AS unique_constraint_name,
  CAST(NULL AS character varying) AS match_option, CAST(NULL AS character varying) AS update_rule,
  CAST(NULL AS character varying) AS delete_rule
WHERE false;
