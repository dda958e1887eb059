-- Rules of tables and views. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS rulename, CAST(NULL AS oid) AS ev_class,
  CAST(NULL AS "char") AS ev_type, CAST(NULL AS "char") AS ev_enabled, CAST(NULL AS boolean) AS is_instead,
  CAST(NULL AS pg_node_tree) AS ev_qual, CAST(NULL AS pg_node_tree) AS ev_action
WHERE false;
