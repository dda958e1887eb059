-- Facts that the SQL standard leaves to the implementation. Weft has none.
SELECT CAST(NULL AS character varying) AS implementation_info_id,
  CAST(NULL AS character varying) AS implementation_info_name, CAST(NULL AS integer) AS integer_value,
  CAST(NULL AS character varying) AS character_value, CAST(NULL AS character varying) AS comments
WHERE false;
