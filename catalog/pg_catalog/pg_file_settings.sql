-- Lines of the configuration file. Weft has none.
SELECT CAST(NULL AS text) AS sourcefile, CAST(NULL AS integer) AS sourceline, CAST(NULL AS integer) AS seqno,
  CAST(NULL AS text) AS name, CAST(NULL AS text) AS setting, CAST(NULL AS boolean) AS applied,
  CAST(NULL AS text) AS error
WHERE false;
