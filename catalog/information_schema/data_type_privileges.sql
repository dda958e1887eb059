-- Descriptions of types that the user may see. Weft has none.
SELECT CAST(NULL AS name) AS object_catalog, CAST(NULL AS name) AS object_schema, CAST(NULL AS name) AS object_name,
  CAST(NULL AS character varying) AS object_type, CAST(NULL AS name) AS dtd_identifier
WHERE false;
