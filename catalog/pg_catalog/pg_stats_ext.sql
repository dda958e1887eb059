-- Extended statistics, by name. Weft has none.
SELECT CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS tablename, CAST(NULL AS name) AS statistics_schemaname,
  CAST(NULL AS name) AS statistics_name, CAST(NULL AS name) AS statistics_owner, CAST(NULL AS name[]) AS attnames,
  CAST(NULL AS text[]) AS exprs, CAST(NULL AS "char"[]) AS kinds, CAST(NULL AS boolean) AS inherited,
  CAST(NULL AS pg_ndistinct) AS n_distinct, CAST(NULL AS pg_dependencies) AS dependencies,
  CAST(NULL AS text[]) AS most_common_vals, CAST(NULL AS boolean[]) AS most_common_val_nulls,
  CAST(NULL AS double precision[]) AS most_common_freqs, CAST(NULL AS double precision[]) AS most_common_base_freqs
WHERE false;
