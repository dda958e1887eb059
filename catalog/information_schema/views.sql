-- Views of this catalog.
SELECT CAST(current_database() AS name) AS table_catalog, CAST(namespace AS name) AS table_schema,
  CAST(name AS name) AS table_name, CAST(definition AS character varying) AS view_definition,
  CAST('NONE' AS character varying) AS check_option, CAST('NO' AS character varying) AS is_updatable,
  CAST('NO' AS character varying) AS is_insertable_into, CAST('NO' AS character varying) AS is_trigger_updatable,
  CAST('NO' AS character varying) AS is_trigger_deletable, CAST('NO' AS character varying) AS is_trigger_insertable_into
FROM system.internal.relations
WHERE kind = 'v';
