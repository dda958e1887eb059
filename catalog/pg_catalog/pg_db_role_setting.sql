-- Settings of roles in databases. Weft has none.
SELECT CAST(NULL AS oid) AS setdatabase, CAST(NULL AS oid) AS setrole, CAST(NULL AS text[]) AS setconfig
WHERE false;
