-- Tables of publications, by name. Weft has none.
SELECT CAST(NULL AS name) AS pubname, CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS tablename,
  CAST(NULL AS name[]) AS attnames, CAST(NULL AS text) AS rowfilter
WHERE false;
