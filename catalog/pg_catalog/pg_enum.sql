-- Labels of enum types. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS oid) AS enumtypid, CAST(NULL AS real) AS enumsortorder,
  CAST(NULL AS name) AS enumlabel
WHERE false;
