-- Which collations fit which character set.
SELECT CAST(current_database() AS name) AS collation_catalog, CAST('pg_catalog' AS name) AS collation_schema,
  CAST(collname AS name) AS collation_name, CAST(NULL AS name) AS character_set_catalog,
  CAST(NULL AS name) AS character_set_schema, CAST('UTF8' AS name) AS character_set_name
FROM pg_catalog.pg_collation;
