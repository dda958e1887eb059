-- Mappings of user names. Weft has none.
SELECT CAST(NULL AS integer) AS map_number, CAST(NULL AS text) AS file_name, CAST(NULL AS integer) AS line_number,
  CAST(NULL AS text) AS map_name, CAST(NULL AS text) AS sys_name, CAST(NULL AS text) AS pg_username,
  CAST(NULL AS text) AS error
WHERE false;
