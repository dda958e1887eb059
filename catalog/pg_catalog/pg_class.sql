-- Tables and views.
SELECT oid, name AS relname, namespace_oid AS relnamespace, kind AS relkind, columns AS relnatts
FROM system.internal.relations;
