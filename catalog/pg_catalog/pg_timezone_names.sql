-- Time zones as of now.
SELECT name, abbreviation AS abbrev, CAST(seconds || ' seconds' AS interval) AS utc_offset, is_dst
FROM system.internal.timezones;
