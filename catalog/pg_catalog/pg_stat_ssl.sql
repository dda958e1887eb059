-- Encryption of sessions. Weft has none.
SELECT CAST(NULL AS integer) AS pid, CAST(NULL AS boolean) AS ssl, CAST(NULL AS text) AS version,
  CAST(NULL AS text) AS cipher, CAST(NULL AS integer) AS bits, CAST(NULL AS text) AS client_dn,
  CAST(NULL AS numeric) AS client_serial, CAST(NULL AS text) AS issuer_dn
WHERE false;
