-- Sessions that use GSSAPI. Weft has none.
SELECT CAST(NULL AS integer) AS pid, CAST(NULL AS boolean) AS gss_authenticated, CAST(NULL AS text) AS principal,
  CAST(NULL AS boolean) AS encrypted, CAST(NULL AS boolean) AS credentials_delegated
WHERE false;
