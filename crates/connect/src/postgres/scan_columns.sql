-- Tables with their columns, one row a column; a table without columns has one row too. $1: only these schemas. $2: only this one. $3: only this table.
SELECT
    n.nspname::text,
    c.relname::text,
    c.relkind IN ('v', 'm'),
    d.description,
    CASE WHEN c.reltuples > 0 OR (c.reltuples = 0 AND c.relpages > 0) THEN c.reltuples::int8 END,
    CASE WHEN c.relpages > 0 THEN c.relpages::int8 * current_setting('block_size')::int8 END,
    a.attname::text,
    format_type(a.atttypid, a.atttypmod),
    a.attnotnull,
    CASE WHEN a.atthasdef AND a.attgenerated = '' THEN pg_get_expr(f.adbin, f.adrelid) END,
    b.description,
    -- Once a table.
    CASE WHEN c.relkind IN ('v', 'm') AND coalesce(a.attnum, 1) = 1 THEN pg_get_viewdef(c.oid, true) END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
LEFT JOIN pg_description b ON b.objoid = c.oid AND b.classoid = 'pg_class'::regclass AND b.objsubid = a.attnum
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND NOT c.relispartition
    AND has_schema_privilege(n.oid, 'USAGE')
    AND has_any_column_privilege(c.oid, 'SELECT')
    AND ($1 IS NULL OR n.nspname = ANY ($1))
    AND ($2 IS NULL OR n.nspname = $2)
    AND ($3 IS NULL OR c.relname = $3)
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C", a.attnum
