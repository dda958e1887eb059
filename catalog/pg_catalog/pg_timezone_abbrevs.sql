-- Abbreviations of time zones. Weft has none.
SELECT CAST(NULL AS text) AS abbrev, CAST(NULL AS interval) AS utc_offset, CAST(NULL AS boolean) AS is_dst
WHERE false;
