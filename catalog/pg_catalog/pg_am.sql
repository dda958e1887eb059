-- Access methods that clients look for.
SELECT CAST(t.oid AS oid) AS oid, CAST(t.name AS name) AS amname, CAST(t.handler AS regproc) AS amhandler, CAST(t.kind AS "char") AS amtype
FROM (VALUES (2, 'heap', 3, 't'), (403, 'btree', 330, 'i'), (405, 'hash', 331, 'i')) AS t (oid, name, handler, kind);
