-- Read access to one part of the metadata store for each of three groups, for a database administrator to run with psql:
--
--   psql -d weft -v manager=weft_manager -v system=weft_system -v metadata=weft_metadata -f grants.sql
--
-- The groups are created if they are not there, which takes CREATEROLE; the grants take the owner of the schemas. Give them to users with
-- GRANT weft_metadata TO somebody. The schema manager holds verifiers of passwords and encrypted secrets: its group sees neither.
\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I NOLOGIN', name)
FROM (VALUES (:'manager'), (:'system'), (:'metadata')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)
\gexec

GRANT USAGE ON SCHEMA manager TO :"manager";
GRANT SELECT ON manager.catalogs, manager.grants, manager.role_members, manager.schedules, manager.secrets TO :"manager";
GRANT SELECT (id, name, is_superuser, can_login, created_at, valid_until, connection_limit, variables) ON manager.roles TO :"manager";
GRANT SELECT (object_id, name, key_id) ON manager.secret_values TO :"manager";

GRANT USAGE ON SCHEMA system TO :"system";
GRANT SELECT ON ALL TABLES IN SCHEMA system TO :"system";
ALTER DEFAULT PRIVILEGES IN SCHEMA system GRANT SELECT ON TABLES TO :"system";

GRANT USAGE ON SCHEMA metadata TO :"metadata";
GRANT SELECT ON ALL TABLES IN SCHEMA metadata TO :"metadata";
ALTER DEFAULT PRIVILEGES IN SCHEMA metadata GRANT SELECT ON TABLES TO :"metadata";
