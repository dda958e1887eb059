-- Sequences. Weft has none.
SELECT CAST(NULL AS oid) AS seqrelid, CAST(NULL AS oid) AS seqtypid, CAST(NULL AS bigint) AS seqstart,
  CAST(NULL AS bigint) AS seqincrement, CAST(NULL AS bigint) AS seqmax, CAST(NULL AS bigint) AS seqmin,
  CAST(NULL AS bigint) AS seqcache, CAST(NULL AS boolean) AS seqcycle
WHERE false;
