-- Progress of base backups. Weft has none.
SELECT CAST(NULL AS integer) AS pid, CAST(NULL AS text) AS phase, CAST(NULL AS bigint) AS backup_total,
  CAST(NULL AS bigint) AS backup_streamed, CAST(NULL AS bigint) AS tablespaces_total,
  CAST(NULL AS bigint) AS tablespaces_streamed
WHERE false;
