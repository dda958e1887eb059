-- Users on foreign servers. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS umuser, CAST(NULL AS oid) AS umserver,
  CAST(NULL AS text[]) AS umoptions
WHERE false;
