-- Foreign-data wrappers. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS fdwname, CAST(NULL AS oid) AS fdwowner,
  CAST(NULL AS oid) AS fdwhandler, CAST(NULL AS oid) AS fdwvalidator, CAST(NULL AS aclitem[]) AS fdwacl,
  CAST(NULL AS text[]) AS fdwoptions
WHERE false;
