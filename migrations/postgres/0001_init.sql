-- Roles that may log in or own things, and the catalogs that were created. Ids are UUIDs of version 7.
-- manager: what administrators define. system: what gateways do. metadata: what is known of the insides of sources.
CREATE SCHEMA IF NOT EXISTS manager;
CREATE SCHEMA IF NOT EXISTS metadata;
COMMENT ON SCHEMA manager IS 'Weft: what administrators define, with encrypted secrets and verifiers of passwords';
COMMENT ON SCHEMA system IS 'Weft: what gateways do, and the migrations of this database';
COMMENT ON SCHEMA metadata IS 'Weft: what scans found in sources';
COMMENT ON TABLE system.migrations IS 'The migrations that this database has had';

CREATE TABLE manager.roles (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    verifier text,
    is_superuser boolean NOT NULL,
    can_login boolean NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE manager.roles IS 'Who may log in or own things';
COMMENT ON COLUMN manager.roles.verifier IS 'SCRAM-SHA-256 verifier as PostgreSQL writes it; NULL: no password login';

CREATE TABLE manager.catalogs (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    options jsonb NOT NULL,
    properties jsonb NOT NULL,
    owner text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
);
COMMENT ON TABLE manager.catalogs IS 'The sources that were created; the values of secret options are in secret_values';
COMMENT ON COLUMN manager.catalogs.deleted_at IS 'Logical deletion: the row stays, the name is free again';

CREATE UNIQUE INDEX catalogs_name ON manager.catalogs (name) WHERE deleted_at IS NULL;
