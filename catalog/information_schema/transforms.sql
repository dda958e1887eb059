-- Transforms of types. Weft has none.
SELECT CAST(NULL AS name) AS udt_catalog, CAST(NULL AS name) AS udt_schema, CAST(NULL AS name) AS udt_name,
  CAST(NULL AS name) AS specific_catalog, CAST(NULL AS name) AS specific_schema, CAST(NULL AS name) AS specific_name,
  CAST(NULL AS name) AS group_name, CAST(NULL AS character varying) AS transform_type
WHERE false;
