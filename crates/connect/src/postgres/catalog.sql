-- Tables with their columns, one row a column; a table without columns has one row too. $1: only these schemas. $2, $3: only this table.
WITH RECURSIVE domain (oid, base, modifier) AS (
    SELECT oid, typbasetype, typtypmod FROM pg_type WHERE typtype = 'd'
    UNION ALL
    SELECT d.oid, t.typbasetype, t.typtypmod FROM domain d JOIN pg_type t ON t.oid = d.base WHERE t.typtype = 'd'
), based AS (
    SELECT d.oid, d.base, d.modifier FROM domain d JOIN pg_type t ON t.oid = d.base WHERE t.typtype <> 'd'
), typed AS (
    -- Vectors say that they are arrays, and are counted from 0.
    SELECT oid, CASE WHEN typcategory = 'A' AND oid NOT IN ('int2vector'::regtype, 'oidvector'::regtype) THEN typelem END AS element
    FROM pg_type
)
SELECT
    n.nspname::text,
    c.relname::text,
    c.relkind IN ('v', 'm'),
    d.description,
    CASE WHEN c.reltuples > 0 OR (c.reltuples = 0 AND c.relpages > 0) THEN c.reltuples::int8 END,
    CASE WHEN c.relpages > 0 THEN c.relpages::int8 * current_setting('block_size')::int8 END,
    a.attname::text,
    a.attnotnull,
    coalesce(e.base, t.element, t.oid),
    coalesce(e.modifier, b.modifier, a.atttypmod),
    CASE
        WHEN t.element IS NULL THEN 'scalar'
        WHEN e.oid IS NULL THEN 'array'
        ELSE 'array of domain'
    END,
    coalesce(o.collisdeterministic, true)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
LEFT JOIN (
    pg_attribute a
    LEFT JOIN based b ON b.oid = a.atttypid
    JOIN typed t ON t.oid = coalesce(b.base, a.atttypid)
    LEFT JOIN based e ON e.oid = t.element
    LEFT JOIN pg_collation o ON o.oid = a.attcollation
) ON a.attrelid = c.oid
    AND a.attnum > 0
    AND NOT a.attisdropped
    AND (has_table_privilege(c.oid, 'SELECT') OR has_column_privilege(c.oid, a.attnum, 'SELECT'))
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND has_schema_privilege(n.oid, 'USAGE')
    AND has_any_column_privilege(c.oid, 'SELECT')
    AND ($1 IS NULL OR n.nspname = ANY ($1))
    AND CASE WHEN $2 IS NULL THEN NOT c.relispartition ELSE n.nspname = $2 AND c.relname = $3 END
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C", a.attnum
