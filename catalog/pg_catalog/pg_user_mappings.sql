-- Users on foreign servers, by name. Weft has none.
SELECT CAST(NULL AS oid) AS umid, CAST(NULL AS oid) AS srvid, CAST(NULL AS name) AS srvname,
  CAST(NULL AS oid) AS umuser, CAST(NULL AS name) AS usename, CAST(NULL AS text[]) AS umoptions
WHERE false;
