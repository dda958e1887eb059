-- The two tablespaces that PostgreSQL always has.
SELECT CAST(t.oid AS oid) AS oid, CAST(t.name AS name) AS spcname, CAST(10 AS oid) AS spcowner, CAST(NULL AS aclitem[]) AS spcacl,
  CAST(NULL AS text[]) AS spcoptions
FROM (VALUES (1663, 'pg_default'), (1664, 'pg_global')) AS t (oid, name);
