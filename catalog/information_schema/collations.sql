-- Collations.
SELECT CAST(current_database() AS name) AS collation_catalog, CAST('pg_catalog' AS name) AS collation_schema,
  CAST(collname AS name) AS collation_name, CAST('NO PAD' AS character varying) AS pad_attribute
FROM pg_catalog.pg_collation;
