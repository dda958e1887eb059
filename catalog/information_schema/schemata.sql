-- Schemas of this catalog.
SELECT CAST(current_database() AS name) AS catalog_name, CAST(name AS name) AS schema_name,
  CAST('weft' AS name) AS schema_owner, CAST(NULL AS name) AS default_character_set_catalog,
  CAST(NULL AS name) AS default_character_set_schema, CAST(NULL AS name) AS default_character_set_name,
  CAST(NULL AS character varying) AS sql_path
FROM system.internal.namespaces;
