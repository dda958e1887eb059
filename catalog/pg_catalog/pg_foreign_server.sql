-- Foreign servers. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS srvname, CAST(NULL AS oid) AS srvowner,
  CAST(NULL AS oid) AS srvfdw, CAST(NULL AS text) AS srvtype, CAST(NULL AS text) AS srvversion,
  CAST(NULL AS aclitem[]) AS srvacl, CAST(NULL AS text[]) AS srvoptions
WHERE false;
