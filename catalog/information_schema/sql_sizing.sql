-- Limits of the implementation. Weft has none.
SELECT CAST(NULL AS integer) AS sizing_id, CAST(NULL AS character varying) AS sizing_name,
  CAST(NULL AS integer) AS supported_value, CAST(NULL AS character varying) AS comments
WHERE false;
