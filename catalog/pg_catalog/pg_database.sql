-- Catalogs, as databases.
SELECT oid, name AS datname FROM system.internal.databases;
