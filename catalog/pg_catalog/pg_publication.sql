-- Publications of replication. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS pubname, CAST(NULL AS oid) AS pubowner,
  CAST(NULL AS boolean) AS puballtables, CAST(NULL AS boolean) AS pubinsert, CAST(NULL AS boolean) AS pubupdate,
  CAST(NULL AS boolean) AS pubdelete, CAST(NULL AS boolean) AS pubtruncate, CAST(NULL AS boolean) AS pubviaroot
WHERE false;
