-- Operators of operator families. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS amopfamily, CAST(NULL AS oid) AS amoplefttype,
  CAST(NULL AS oid) AS amoprighttype, CAST(NULL AS smallint) AS amopstrategy, CAST(NULL AS "char") AS amoppurpose,
  CAST(NULL AS oid) AS amopopr, CAST(NULL AS oid) AS amopmethod, CAST(NULL AS oid) AS amopsortfamily
WHERE false;
