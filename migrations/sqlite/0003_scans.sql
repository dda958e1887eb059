-- Jobs, scans, what the last scan of each source found, and what it changed.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    -- `scan`, …
    kind TEXT NOT NULL,
    -- Without secrets.
    statement TEXT NOT NULL,
    -- The catalog that it works on, by name: it may be dropped.
    catalog_name TEXT,
    -- running, succeeded, failed, cancelled, or interrupted: its gateway has gone, and nobody has taken it over.
    state TEXT NOT NULL,
    owner TEXT NOT NULL,
    -- What has been done, and what there is to do as far as is known.
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER,
    sqlstate TEXT,
    error TEXT,
    created_at TEXT NOT NULL,
    ended_at TEXT
);

CREATE INDEX jobs_created_at ON jobs (created_at);

CREATE TABLE scans (
    id TEXT PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    catalog_id TEXT NOT NULL,
    catalog_name TEXT NOT NULL,
    -- Only this schema, only this table of it.
    schema_name TEXT,
    table_name TEXT,
    -- 1: schemas, 2: tables.
    level INTEGER NOT NULL,
    -- manual or auto.
    method TEXT NOT NULL,
    started_at TEXT NOT NULL,
    -- NULL until what it found is in force.
    ended_at TEXT,
    schemas INTEGER NOT NULL DEFAULT 0,
    tables INTEGER NOT NULL DEFAULT 0,
    columns INTEGER NOT NULL DEFAULT 0,
    added INTEGER NOT NULL DEFAULT 0,
    modified INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX scans_catalog ON scans (catalog_id, started_at);

CREATE TABLE scanned_schemas (
    catalog_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    tables INTEGER NOT NULL,
    bytes INTEGER,
    comment TEXT,
    -- As the source tells.
    updated_at TEXT,
    scanned_at TEXT NOT NULL,
    PRIMARY KEY (catalog_id, schema_name)
) WITHOUT ROWID;

CREATE TABLE scanned_tables (
    id INTEGER PRIMARY KEY,
    catalog_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_count INTEGER,
    bytes INTEGER,
    updated_at TEXT,
    -- JSON: kind, comment, columns, constraints, indexes.
    shape TEXT NOT NULL,
    UNIQUE (catalog_id, schema_name, table_name)
);

-- What a running scan has found so far. It is in force only as a whole.
CREATE TABLE staged_schemas (
    scan_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    tables INTEGER NOT NULL,
    bytes INTEGER,
    comment TEXT,
    updated_at TEXT,
    PRIMARY KEY (scan_id, schema_name)
) WITHOUT ROWID;

CREATE TABLE staged_tables (
    scan_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_count INTEGER,
    bytes INTEGER,
    updated_at TEXT,
    columns INTEGER NOT NULL,
    -- NULL: as it was found before.
    shape TEXT,
    PRIMARY KEY (scan_id, schema_name, table_name)
);

CREATE TABLE changes (
    scan_id TEXT NOT NULL REFERENCES scans (id),
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    -- added, modified or removed.
    change TEXT NOT NULL,
    -- The table's shape before and after.
    before TEXT,
    after TEXT,
    PRIMARY KEY (scan_id, schema_name, table_name)
);

-- For those who read this file with SQL.
CREATE VIEW scanned_columns AS
SELECT
    t.catalog_id,
    t.schema_name,
    t.table_name,
    c.key + 1 AS ordinal_position,
    c.value ->> 'name' AS column_name,
    c.value ->> 'type' AS data_type,
    c.value ->> 'nullable' AS is_nullable,
    c.value ->> 'default' AS column_default,
    c.value ->> 'comment' AS comment
FROM scanned_tables AS t, json_each(t.shape, '$.columns') AS c;
