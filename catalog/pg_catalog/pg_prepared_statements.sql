-- Statements that this session has prepared with SQL. Weft has none.
SELECT CAST(NULL AS text) AS name, CAST(NULL AS text) AS statement,
  CAST(NULL AS timestamp with time zone) AS prepare_time, CAST(NULL AS regtype[]) AS parameter_types,
  CAST(NULL AS regtype[]) AS result_types, CAST(NULL AS boolean) AS from_sql, CAST(NULL AS bigint) AS generic_plans,
  CAST(NULL AS bigint) AS custom_plans
WHERE false;
