-- Extensions that are installed. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS extname, CAST(NULL AS oid) AS extowner,
  CAST(NULL AS oid) AS extnamespace, CAST(NULL AS boolean) AS extrelocatable, CAST(NULL AS text) AS extversion,
  CAST(NULL AS oid[]) AS extconfig, CAST(NULL AS text[]) AS extcondition
WHERE false;
