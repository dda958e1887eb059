-- Tables, by name.
SELECT CAST(namespace AS name) AS schemaname, CAST(name AS name) AS tablename, CAST('weft' AS name) AS tableowner,
  CAST(NULL AS name) AS tablespace, has_indexes AS hasindexes, false AS hasrules, false AS hastriggers, false AS rowsecurity
FROM system.internal.relations
WHERE kind = 'r';
