-- Schemas with the number and size of their tables. $1: only these schemas. $2: only this one.
SELECT
    n.nspname::text,
    count(c.oid) FILTER (WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition),
    (sum(c.relpages::int8) FILTER (WHERE c.relkind IN ('r', 'm', 'i', 't')) * current_setting('block_size')::int8)::int8,
    obj_description(n.oid, 'pg_namespace')
FROM pg_namespace n
LEFT JOIN pg_class c ON c.relnamespace = n.oid
WHERE n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND has_schema_privilege(n.oid, 'USAGE')
    AND ($1 IS NULL OR n.nspname = ANY ($1))
    AND ($2 IS NULL OR n.nspname = $2)
GROUP BY n.oid, n.nspname
ORDER BY n.nspname::text COLLATE "C"
