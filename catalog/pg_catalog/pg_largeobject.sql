-- Pages of large objects. Weft has none.
SELECT CAST(NULL AS oid) AS loid, CAST(NULL AS integer) AS pageno, CAST(NULL AS bytea) AS data
WHERE false;
