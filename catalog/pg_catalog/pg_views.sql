-- Views, by name.
SELECT CAST(namespace AS name) AS schemaname, CAST(name AS name) AS viewname, CAST('weft' AS name) AS viewowner, definition
FROM system.internal.relations
WHERE kind = 'v';
