-- Who is a member of whom, and what was granted to whom. Options of roles besides.
ALTER TABLE manager.roles
    ADD COLUMN valid_until timestamptz,
    ADD COLUMN connection_limit bigint NOT NULL DEFAULT -1,
    ADD COLUMN variables jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN manager.roles.valid_until IS 'When its password expires';
COMMENT ON COLUMN manager.roles.connection_limit IS 'Sessions at once on one gateway; -1: no limit';
COMMENT ON COLUMN manager.roles.variables IS 'Session variables with which its sessions begin';

CREATE TABLE manager.role_members (
    role_id uuid NOT NULL REFERENCES manager.roles (id),
    member_id uuid NOT NULL REFERENCES manager.roles (id),
    is_admin boolean NOT NULL,
    grantor text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (role_id, member_id)
);
COMMENT ON TABLE manager.role_members IS 'Who is a member of whom';
COMMENT ON COLUMN manager.role_members.is_admin IS 'Whether the member may give the role to others';

CREATE TABLE manager.grants (
    role_id uuid NOT NULL,
    object_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    privilege text NOT NULL,
    is_grantable boolean NOT NULL,
    grantor text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (role_id, object_id, schema_name, table_name, privilege)
);
COMMENT ON TABLE manager.grants IS 'What was granted to whom; the id of zeros is everybody';
COMMENT ON COLUMN manager.grants.object_id IS 'A view, or a catalog; of a catalog the two names may say which schema or table';

CREATE INDEX grants_object ON manager.grants (object_id);
