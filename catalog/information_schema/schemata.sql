-- Schemas.
SELECT current_database() AS catalog_name, name AS schema_name FROM system.internal.namespaces;
