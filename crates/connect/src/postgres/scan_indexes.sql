-- Indexes of tables. $1: only these schemas. $2: only this one. $3: only this table.
SELECT
    n.nspname::text,
    c.relname::text,
    i.relname::text,
    x.indisunique,
    ARRAY(
        SELECT coalesce(a.attname::text, pg_get_indexdef(x.indexrelid, u.place::int, true))
        FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS u (number, place)
        LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.number AND u.number > 0
        WHERE u.place <= x.indnkeyatts
        ORDER BY u.place
    ),
    pg_get_indexdef(x.indexrelid, 0, true)
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE x.indislive
    AND c.relkind IN ('r', 'm', 'p')
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND NOT c.relispartition
    AND has_any_column_privilege(c.oid, 'SELECT')
    AND ($1 IS NULL OR n.nspname = ANY ($1))
    AND ($2 IS NULL OR n.nspname = $2)
    AND ($3 IS NULL OR c.relname = $3)
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C", i.relname::text COLLATE "C"
