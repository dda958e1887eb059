-- Schemas that the role may use. $1: only these.
SELECT n.nspname::text
FROM pg_namespace n
WHERE n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND has_schema_privilege(n.oid, 'USAGE')
    AND ($1 IS NULL OR n.nspname = ANY ($1))
ORDER BY n.nspname::text COLLATE "C"
