-- Constraints of domains. Weft has none.
SELECT CAST(NULL AS name) AS constraint_catalog, CAST(NULL AS name) AS constraint_schema,
  CAST(NULL AS name) AS constraint_name, CAST(NULL AS name) AS domain_catalog, CAST(NULL AS name) AS domain_schema,
  CAST(NULL AS name) AS domain_name, CAST(NULL AS character varying) AS is_deferrable,
  CAST(NULL AS character varying) AS initially_deferred
WHERE false;
