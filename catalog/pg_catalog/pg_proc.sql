-- Functions that can be called, one row for each way to call them.
SELECT oid, CAST(name AS name) AS proname, CAST(11 AS oid) AS pronamespace, CAST(10 AS oid) AS proowner, CAST(12 AS oid) AS prolang,
  CAST(1 AS real) AS procost, CAST(CASE WHEN returns_set THEN 1000 ELSE 0 END AS real) AS prorows, CAST(0 AS oid) AS provariadic,
  CAST(0 AS regproc) AS prosupport, CAST(kind AS "char") AS prokind, false AS prosecdef, false AS proleakproof, false AS proisstrict,
  returns_set AS proretset, CAST(volatility AS "char") AS provolatile, CAST('s' AS "char") AS proparallel,
  argument_count AS pronargs, CAST(0 AS smallint) AS pronargdefaults, result_oid AS prorettype,
  CAST(arguments AS oidvector) AS proargtypes, CAST(NULL AS oid[]) AS proallargtypes, CAST(NULL AS "char"[]) AS proargmodes,
  CAST(NULL AS text[]) AS proargnames, CAST(NULL AS pg_node_tree) AS proargdefaults, CAST(NULL AS oid[]) AS protrftypes,
  name AS prosrc, CAST(NULL AS text) AS probin, CAST(NULL AS pg_node_tree) AS prosqlbody, CAST(NULL AS text[]) AS proconfig,
  CAST(NULL AS aclitem[]) AS proacl
FROM system.internal.functions;
