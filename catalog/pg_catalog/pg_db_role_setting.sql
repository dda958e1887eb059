-- Variables with which the sessions of roles begin.
SELECT CAST(0 AS oid) AS setdatabase, oid AS setrole, variables AS setconfig
FROM system.internal.roles
WHERE cardinality(variables) > 0;
