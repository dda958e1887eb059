-- Parents and partitions of tables. Weft has none.
SELECT CAST(NULL AS oid) AS inhrelid, CAST(NULL AS oid) AS inhparent, CAST(NULL AS integer) AS inhseqno,
  CAST(NULL AS boolean) AS inhdetachpending
WHERE false;
