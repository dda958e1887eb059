-- Text search parsers. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS prsname, CAST(NULL AS oid) AS prsnamespace,
  CAST(NULL AS regproc) AS prsstart, CAST(NULL AS regproc) AS prstoken, CAST(NULL AS regproc) AS prsend,
  CAST(NULL AS regproc) AS prsheadline, CAST(NULL AS regproc) AS prslextype
WHERE false;
