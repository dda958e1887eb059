-- Who is a member of whom, and what was granted to whom. Options of roles besides.
ALTER TABLE roles ADD COLUMN valid_until TEXT;
-- -1: none.
ALTER TABLE roles ADD COLUMN connection_limit INTEGER NOT NULL DEFAULT -1;
-- JSON object: session variables with which its sessions begin.
ALTER TABLE roles ADD COLUMN variables TEXT NOT NULL DEFAULT '{}';

CREATE TABLE role_members (
    role_id TEXT NOT NULL REFERENCES roles (id),
    member_id TEXT NOT NULL REFERENCES roles (id),
    -- Whether the member may give the role to others.
    is_admin INTEGER NOT NULL,
    grantor TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (role_id, member_id)
);

-- An object is a view (its id), or a catalog (its id), a schema or a table in it: the names below it are ''. To everybody is the id of zeros.
CREATE TABLE grants (
    role_id TEXT NOT NULL,
    object_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    privilege TEXT NOT NULL,
    is_grantable INTEGER NOT NULL,
    grantor TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (role_id, object_id, schema_name, table_name, privilege)
);

CREATE INDEX grants_object ON grants (object_id);
