-- Rules, by name. Weft has none.
SELECT CAST(NULL AS name) AS schemaname, CAST(NULL AS name) AS tablename, CAST(NULL AS name) AS rulename,
  CAST(NULL AS text) AS definition
WHERE false;
