-- Values of extended statistics. Weft has none.
SELECT CAST(NULL AS oid) AS stxoid, CAST(NULL AS boolean) AS stxdinherit, CAST(NULL AS pg_ndistinct) AS stxdndistinct,
  CAST(NULL AS pg_dependencies) AS stxddependencies, CAST(NULL AS pg_mcv_list) AS stxdmcv,
  CAST(NULL AS anyarray) AS stxdexpr
WHERE false;
