-- Collations: text sorts by bytes.
SELECT CAST(t.oid AS oid) AS oid, CAST(t.name AS name) AS collname, CAST(11 AS oid) AS collnamespace, CAST(10 AS oid) AS collowner,
  CAST(t.provider AS "char") AS collprovider, true AS collisdeterministic, CAST(-1 AS integer) AS collencoding, t.locale AS collcollate,
  t.locale AS collctype, CAST(NULL AS text) AS colliculocale, CAST(NULL AS text) AS collicurules, CAST(NULL AS text) AS collversion
FROM (VALUES (100, 'default', 'd', NULL), (950, 'C', 'c', 'C'), (951, 'POSIX', 'c', 'POSIX')) AS t (oid, name, provider, locale);
