-- Tables that keys use; of a foreign key, that to which it refers. Known after a scan.
SELECT CAST(current_database() AS name) AS table_catalog, CAST(coalesce(r.namespace, c.namespace) AS name) AS table_schema,
  CAST(coalesce(r.name, c.relation) AS name) AS table_name, CAST(current_database() AS name) AS constraint_catalog,
  CAST(c.namespace AS name) AS constraint_schema, CAST(c.name AS name) AS constraint_name
FROM system.internal.constraints AS c
  LEFT JOIN system.internal.relations AS r ON c.kind = 'f' AND r.oid = c.referenced_oid
WHERE c.kind IN ('p', 'u', 'f');
