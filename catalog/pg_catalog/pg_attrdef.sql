-- Default values of columns, in the words of their sources; known after a scan.
SELECT default_oid AS oid, relation_oid AS adrelid, position AS adnum, CAST("default" AS pg_node_tree) AS adbin
FROM system.internal.attributes
WHERE default_oid <> 0;
