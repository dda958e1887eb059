-- Transactions prepared for two-phase commit. Weft has none.
SELECT CAST(NULL AS xid) AS transaction, CAST(NULL AS text) AS gid,
  CAST(NULL AS timestamp with time zone) AS prepared, CAST(NULL AS name) AS owner, CAST(NULL AS name) AS database
WHERE false;
