-- How the server was built. Weft has none.
SELECT CAST(NULL AS text) AS name, CAST(NULL AS text) AS setting
WHERE false;
