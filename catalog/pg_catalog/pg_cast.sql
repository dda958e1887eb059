-- Casts between types. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS castsource, CAST(NULL AS oid) AS casttarget,
  CAST(NULL AS oid) AS castfunc, CAST(NULL AS "char") AS castcontext, CAST(NULL AS "char") AS castmethod
WHERE false;
