-- Columns of this catalog's tables, views and indexes.
SELECT a.relation_oid AS attrelid, CAST(a.name AS name) AS attname, a.type_oid AS atttypid, a.length AS attlen, a.position AS attnum,
  CAST(-1 AS integer) AS attcacheoff, a.modifier AS atttypmod, CAST(CASE t.typcategory WHEN 'A' THEN 1 ELSE 0 END AS smallint) AS attndims,
  t.typbyval AS attbyval, t.typalign AS attalign, t.typstorage AS attstorage, CAST('' AS "char") AS attcompression,
  NOT a.nullable AS attnotnull, a.default_oid <> 0 AS atthasdef, false AS atthasmissing, CAST('' AS "char") AS attidentity,
  CAST('' AS "char") AS attgenerated, false AS attisdropped, true AS attislocal, CAST(0 AS smallint) AS attinhcount,
  CAST(-1 AS smallint) AS attstattarget, t.typcollation AS attcollation, CAST(NULL AS aclitem[]) AS attacl,
  CAST(NULL AS text[]) AS attoptions, CAST(NULL AS text[]) AS attfdwoptions, CAST(NULL AS anyarray) AS attmissingval
FROM system.internal.attributes AS a
  LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.type_oid;
