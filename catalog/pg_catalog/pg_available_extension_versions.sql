-- Extensions that could be installed, by version. Weft has none.
SELECT CAST(NULL AS name) AS name, CAST(NULL AS text) AS version, CAST(NULL AS boolean) AS installed,
  CAST(NULL AS boolean) AS superuser, CAST(NULL AS boolean) AS trusted, CAST(NULL AS boolean) AS relocatable,
  CAST(NULL AS name) AS schema, CAST(NULL AS name[]) AS requires, CAST(NULL AS text) AS comment
WHERE false;
