-- Types.
SELECT oid, name AS typname FROM system.internal.types;
