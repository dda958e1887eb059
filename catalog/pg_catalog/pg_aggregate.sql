-- Aggregate functions: how each is computed. Weft has none.
SELECT CAST(NULL AS regproc) AS aggfnoid, CAST(NULL AS "char") AS aggkind, CAST(NULL AS smallint) AS aggnumdirectargs,
  CAST(NULL AS regproc) AS aggtransfn, CAST(NULL AS regproc) AS aggfinalfn, CAST(NULL AS regproc) AS aggcombinefn,
  CAST(NULL AS regproc) AS aggserialfn, CAST(NULL AS regproc) AS aggdeserialfn, CAST(NULL AS regproc) AS aggmtransfn,
  CAST(NULL AS regproc) AS aggminvtransfn, CAST(NULL AS regproc) AS aggmfinalfn,
  CAST(NULL AS boolean) AS aggfinalextra, CAST(NULL AS boolean) AS aggmfinalextra,
  CAST(NULL AS "char") AS aggfinalmodify, CAST(NULL AS "char") AS aggmfinalmodify, CAST(NULL AS oid) AS aggsortop,
  CAST(NULL AS oid) AS aggtranstype, CAST(NULL AS integer) AS aggtransspace, CAST(NULL AS oid) AS aggmtranstype,
  CAST(NULL AS integer) AS aggmtransspace, CAST(NULL AS text) AS agginitval, CAST(NULL AS text) AS aggminitval
WHERE false;
