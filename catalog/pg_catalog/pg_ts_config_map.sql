-- Token mappings of text search. Weft has none.
SELECT CAST(NULL AS oid) AS mapcfg, CAST(NULL AS integer) AS maptokentype, CAST(NULL AS integer) AS mapseqno,
  CAST(NULL AS oid) AS mapdict
WHERE false;
