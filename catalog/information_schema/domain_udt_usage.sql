-- Domains over types of the user. Weft has none.
SELECT CAST(NULL AS name) AS udt_catalog, CAST(NULL AS name) AS udt_schema, CAST(NULL AS name) AS udt_name,
  CAST(NULL AS name) AS domain_catalog, CAST(NULL AS name) AS domain_schema, CAST(NULL AS name) AS domain_name
WHERE false;
