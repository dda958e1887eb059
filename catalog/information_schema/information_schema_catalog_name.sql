-- The name of this catalog.
SELECT CAST(current_database() AS name) AS catalog_name
;
