-- Conversions between encodings. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS conname, CAST(NULL AS oid) AS connamespace,
  CAST(NULL AS oid) AS conowner, CAST(NULL AS integer) AS conforencoding, CAST(NULL AS integer) AS contoencoding,
  CAST(NULL AS regproc) AS conproc, CAST(NULL AS boolean) AS condefault
WHERE false;
