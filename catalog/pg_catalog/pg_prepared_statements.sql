-- Statements that this session has prepared with SQL.
SELECT p.name, p.statement, p.created_at AS prepare_time, p.parameter_types,
  p.result_types, true AS from_sql, CAST(0 AS bigint) AS generic_plans,
  CAST(0 AS bigint) AS custom_plans
FROM system.internal.prepared_statements AS p;
