-- Open cursors of this session. Weft has none.
SELECT CAST(NULL AS text) AS name, CAST(NULL AS text) AS statement, CAST(NULL AS boolean) AS is_holdable,
  CAST(NULL AS boolean) AS is_binary, CAST(NULL AS boolean) AS is_scrollable,
  CAST(NULL AS timestamp with time zone) AS creation_time
WHERE false;
