-- Constraints of tables. $1: only these schemas. $2: only this one. $3: only this table.
SELECT
    n.nspname::text,
    c.relname::text,
    k.conname::text,
    k.contype::text,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
        ORDER BY u.place
    ),
    fn.nspname::text,
    fc.relname::text,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number
        ORDER BY u.place
    ),
    pg_get_constraintdef(k.oid, true)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class fc ON fc.oid = k.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = fc.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND NOT c.relispartition
    AND has_any_column_privilege(c.oid, 'SELECT')
    AND ($1 IS NULL OR n.nspname = ANY ($1))
    AND ($2 IS NULL OR n.nspname = $2)
    AND ($3 IS NULL OR c.relname = $3)
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C", k.conname::text COLLATE "C"
