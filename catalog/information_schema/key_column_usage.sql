-- Columns of primary, unique and foreign keys, known after a scan.
SELECT CAST(current_database() AS name) AS constraint_catalog, CAST(c.namespace AS name) AS constraint_schema, CAST(c.name AS name) AS constraint_name,
  CAST(current_database() AS name) AS table_catalog, CAST(c.namespace AS name) AS table_schema, CAST(c.relation AS name) AS table_name,
  CAST(k."column" AS name) AS column_name, CAST(k.position AS integer) AS ordinal_position,
  CAST(r.position AS integer) AS position_in_unique_constraint
FROM system.internal.constraints AS c
  JOIN system.internal.key_columns AS k ON k.constraint_oid = c.oid
  LEFT JOIN system.internal.constraints AS u
    ON c.kind = 'f' AND u.relation_oid = c.referenced_oid AND u.name = c.referenced_key
  LEFT JOIN system.internal.key_columns AS r ON r.constraint_oid = u.oid AND r."column" = k.referenced_column
WHERE c.kind IN ('p', 'u', 'f');
