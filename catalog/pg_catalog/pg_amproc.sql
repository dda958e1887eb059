-- Support functions of operator families. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS amprocfamily, CAST(NULL AS oid) AS amproclefttype,
  CAST(NULL AS oid) AS amprocrighttype, CAST(NULL AS smallint) AS amprocnum, CAST(NULL AS regproc) AS amproc
WHERE false;
