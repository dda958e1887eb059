-- Tables of publications. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS prpubid, CAST(NULL AS oid) AS prrelid,
  CAST(NULL AS pg_node_tree) AS prqual, CAST(NULL AS int2vector) AS prattrs
WHERE false;
