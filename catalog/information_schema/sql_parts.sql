-- Parts of the SQL standard. Weft has none.
SELECT CAST(NULL AS character varying) AS feature_id, CAST(NULL AS character varying) AS feature_name,
  CAST(NULL AS character varying) AS is_supported, CAST(NULL AS character varying) AS is_verified_by,
  CAST(NULL AS character varying) AS comments
WHERE false;
