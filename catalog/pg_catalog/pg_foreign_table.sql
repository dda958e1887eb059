-- Foreign tables. Weft has none.
SELECT CAST(NULL AS oid) AS ftrelid, CAST(NULL AS oid) AS ftserver, CAST(NULL AS text[]) AS ftoptions
WHERE false;
