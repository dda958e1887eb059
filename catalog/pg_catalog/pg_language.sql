-- Languages of functions.
SELECT CAST(t.oid AS oid) AS oid, CAST(t.name AS name) AS lanname, CAST(10 AS oid) AS lanowner, false AS lanispl, t.trusted AS lanpltrusted,
  CAST(0 AS oid) AS lanplcallfoid, CAST(0 AS oid) AS laninline, CAST(t.validator AS oid) AS lanvalidator, CAST(NULL AS aclitem[]) AS lanacl
FROM (VALUES (12, 'internal', false, 2246), (13, 'c', false, 2247), (14, 'sql', true, 2248)) AS t (oid, name, trusted, validator);
