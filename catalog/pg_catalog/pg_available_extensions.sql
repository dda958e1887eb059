-- Extensions that could be installed. Weft has none.
SELECT CAST(NULL AS name) AS name, CAST(NULL AS text) AS default_version, CAST(NULL AS text) AS installed_version,
  CAST(NULL AS text) AS comment
WHERE false;
