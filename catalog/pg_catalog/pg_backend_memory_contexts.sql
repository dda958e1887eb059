-- Memory of this session. Weft has none.
SELECT CAST(NULL AS text) AS name, CAST(NULL AS text) AS ident, CAST(NULL AS text) AS parent,
  CAST(NULL AS integer) AS level, CAST(NULL AS bigint) AS total_bytes, CAST(NULL AS bigint) AS total_nblocks,
  CAST(NULL AS bigint) AS free_bytes, CAST(NULL AS bigint) AS free_chunks, CAST(NULL AS bigint) AS used_bytes
WHERE false;
