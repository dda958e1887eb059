-- Text search templates. Weft has none.
SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS name) AS tmplname, CAST(NULL AS oid) AS tmplnamespace,
  CAST(NULL AS regproc) AS tmplinit, CAST(NULL AS regproc) AS tmpllexize
WHERE false;
