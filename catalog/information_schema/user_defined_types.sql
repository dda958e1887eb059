-- Types of the user. Weft has none.
SELECT CAST(NULL AS name) AS user_defined_type_catalog, CAST(NULL AS name) AS user_defined_type_schema,
  CAST(NULL AS name) AS user_defined_type_name, CAST(NULL AS character varying) AS user_defined_type_category,
  CAST(NULL AS character varying) AS is_instantiable, CAST(NULL AS character varying) AS is_final,
  CAST(NULL AS character varying) AS ordering_form, CAST(NULL AS character varying) AS ordering_category,
  CAST(NULL AS name) AS ordering_routine_catalog, CAST(NULL AS name) AS ordering_routine_schema,
  CAST(NULL AS name) AS ordering_routine_name, CAST(NULL AS character varying) AS reference_type,
  CAST(NULL AS character varying) AS data_type, CAST(NULL AS integer) AS character_maximum_length,
  CAST(NULL AS integer) AS character_octet_length, CAST(NULL AS name) AS character_set_catalog,
  CAST(NULL AS name) AS character_set_schema, CAST(NULL AS name) AS character_set_name,
  CAST(NULL AS name) AS collation_catalog, CAST(NULL AS name) AS collation_schema,
  CAST(NULL AS name) AS collation_name, CAST(NULL AS integer) AS numeric_precision,
  CAST(NULL AS integer) AS numeric_precision_radix, CAST(NULL AS integer) AS numeric_scale,
  CAST(NULL AS integer) AS datetime_precision, CAST(NULL AS character varying) AS interval_type,
  CAST(NULL AS integer) AS interval_precision, CAST(NULL AS name) AS source_dtd_identifier,
  CAST(NULL AS name) AS ref_dtd_identifier
WHERE false;
