-- Conditions on the rows of tables, known after a scan.
SELECT CAST(current_database() AS name) AS constraint_catalog, CAST(namespace AS name) AS constraint_schema, CAST(name AS name) AS constraint_name,
  CAST(CASE WHEN definition LIKE 'CHECK (%)' THEN substr(definition, 8, length(definition) - 8) ELSE definition END AS character varying) AS check_clause
FROM system.internal.constraints
WHERE kind = 'c';
