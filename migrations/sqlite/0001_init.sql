-- Roles that may log in or own things, and the catalogs that were created. Times are UTC in RFC 3339; ids are UUIDs of version 7.
CREATE TABLE roles (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    -- SCRAM-SHA-256 verifier as PostgreSQL writes it; NULL: no password login.
    verifier TEXT,
    is_superuser INTEGER NOT NULL,
    can_login INTEGER NOT NULL,
    created_at TEXT NOT NULL
);

CREATE TABLE catalogs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- JSON objects of text values.
    options TEXT NOT NULL,
    properties TEXT NOT NULL,
    owner TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    -- Logical deletion: the row stays, the name is free again.
    deleted_at TEXT
);

CREATE UNIQUE INDEX catalogs_name ON catalogs (name) WHERE deleted_at IS NULL;
