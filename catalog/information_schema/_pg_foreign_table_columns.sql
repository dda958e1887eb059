-- Columns of foreign tables, for the other views. Weft has none.
SELECT CAST(NULL AS name) AS nspname, CAST(NULL AS name) AS relname, CAST(NULL AS name) AS attname,
  CAST(NULL AS text[]) AS attfdwoptions
WHERE false;
