-- Default values of columns. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS adrelid, CAST(NULL AS smallint) AS adnum,
  CAST(NULL AS pg_node_tree) AS adbin
WHERE false;
