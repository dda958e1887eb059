-- Columns.
SELECT relation_oid AS attrelid, name AS attname, type_oid AS atttypid, position AS attnum, NOT nullable AS attnotnull, modifier AS atttypmod, false AS attisdropped
FROM system.internal.attributes;
