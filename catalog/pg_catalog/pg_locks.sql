-- Locks that are held or awaited. Weft has none.
SELECT CAST(NULL AS text) AS locktype, CAST(NULL AS oid) AS database, CAST(NULL AS oid) AS relation,
  CAST(NULL AS integer) AS page, CAST(NULL AS smallint) AS tuple, CAST(NULL AS text) AS virtualxid,
  CAST(NULL AS xid) AS transactionid, CAST(NULL AS oid) AS classid, CAST(NULL AS oid) AS objid,
  CAST(NULL AS smallint) AS objsubid, CAST(NULL AS text) AS virtualtransaction, CAST(NULL AS integer) AS pid,
  CAST(NULL AS text) AS mode, CAST(NULL AS boolean) AS granted, CAST(NULL AS boolean) AS fastpath,
  CAST(NULL AS timestamp with time zone) AS waitstart
WHERE false;
