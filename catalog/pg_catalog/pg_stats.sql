-- Statistics of columns, by name. Weft has none.
SELECT CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS tablename, CAST(NULL AS name) AS attname,
  CAST(NULL AS boolean) AS inherited, CAST(NULL AS real) AS null_frac, CAST(NULL AS integer) AS avg_width,
  CAST(NULL AS real) AS n_distinct, CAST(NULL AS anyarray) AS most_common_vals,
  CAST(NULL AS real[]) AS most_common_freqs, CAST(NULL AS anyarray) AS histogram_bounds,
  CAST(NULL AS real) AS correlation, CAST(NULL AS anyarray) AS most_common_elems,
  CAST(NULL AS real[]) AS most_common_elem_freqs, CAST(NULL AS real[]) AS elem_count_histogram
WHERE false;
