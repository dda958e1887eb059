-- Dependencies between objects. Weft has none.
SELECT CAST(NULL AS oid) AS classid, CAST(NULL AS oid) AS objid, CAST(NULL AS integer) AS objsubid,
  CAST(NULL AS oid) AS refclassid, CAST(NULL AS oid) AS refobjid, CAST(NULL AS integer) AS refobjsubid,
  CAST(NULL AS "char") AS deptype
WHERE false;
