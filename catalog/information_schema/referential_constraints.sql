-- Foreign keys, known after a scan.
SELECT CAST(current_database() AS name) AS constraint_catalog, CAST(namespace AS name) AS constraint_schema, CAST(name AS name) AS constraint_name,
  CAST(CASE WHEN referenced_key IS NOT NULL THEN current_database() END AS name) AS unique_constraint_catalog,
  CAST(CASE WHEN referenced_key IS NOT NULL THEN referenced_namespace END AS name) AS unique_constraint_schema,
  CAST(referenced_key AS name) AS unique_constraint_name, CAST('NONE' AS character varying) AS match_option,
  CAST(CASE WHEN definition LIKE '%ON UPDATE CASCADE%' THEN 'CASCADE' WHEN definition LIKE '%ON UPDATE SET NULL%' THEN 'SET NULL'
    WHEN definition LIKE '%ON UPDATE SET DEFAULT%' THEN 'SET DEFAULT' WHEN definition LIKE '%ON UPDATE RESTRICT%' THEN 'RESTRICT'
    ELSE 'NO ACTION' END AS character varying) AS update_rule,
  CAST(CASE WHEN definition LIKE '%ON DELETE CASCADE%' THEN 'CASCADE' WHEN definition LIKE '%ON DELETE SET NULL%' THEN 'SET NULL'
    WHEN definition LIKE '%ON DELETE SET DEFAULT%' THEN 'SET DEFAULT' WHEN definition LIKE '%ON DELETE RESTRICT%' THEN 'RESTRICT'
    ELSE 'NO ACTION' END AS character varying) AS delete_rule
FROM system.internal.constraints
WHERE kind = 'f';
