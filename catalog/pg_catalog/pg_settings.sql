-- Variables of the session, with their values.
SELECT name, value AS setting, CAST(NULL AS text) AS unit, 'Weft' AS category, comment AS short_desc, CAST(NULL AS text) AS extra_desc,
  context, kind AS vartype, CASE WHEN value = reset_value THEN 'default' ELSE 'session' END AS source,
  CAST(NULL AS text) AS min_val, CAST(NULL AS text) AS max_val, CAST(NULL AS text[]) AS enumvals, reset_value AS boot_val,
  reset_value AS reset_val, CAST(NULL AS text) AS sourcefile, CAST(NULL AS integer) AS sourceline, false AS pending_restart
FROM system.internal.variables;
