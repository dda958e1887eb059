-- Sequences. Weft has none.
SELECT CAST(NULL AS name) AS sequence_catalog, CAST(NULL AS name) AS sequence_schema,
  CAST(NULL AS name) AS sequence_name, CAST(NULL AS character varying) AS data_type,
  CAST(NULL AS integer) AS numeric_precision, CAST(NULL AS integer) AS numeric_precision_radix,
  CAST(NULL AS integer) AS numeric_scale, CAST(NULL AS character varying) AS start_value,
  CAST(NULL AS character varying) AS minimum_value, CAST(NULL AS character varying) AS maximum_value,
  CAST(NULL AS character varying) AS increment, CAST(NULL AS character varying) AS cycle_option
WHERE false;
