-- Jobs, scans, what the last scan of each source found, and what it changed.
CREATE TABLE system.jobs (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    statement text NOT NULL,
    catalog_name text,
    state text NOT NULL,
    owner text NOT NULL,
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    sqlstate text,
    error text,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);
COMMENT ON TABLE system.jobs IS 'Long work; state is running, succeeded, failed, cancelled, or interrupted: its gateway has gone';
COMMENT ON COLUMN system.jobs.catalog_name IS 'By name: the catalog may be dropped';
COMMENT ON COLUMN system.jobs.statement IS 'What began it, without secrets';

CREATE INDEX jobs_created_at ON system.jobs (created_at);

CREATE TABLE metadata.scans (
    id uuid PRIMARY KEY,
    job_id uuid NOT NULL REFERENCES system.jobs (id),
    catalog_id uuid NOT NULL,
    catalog_name text NOT NULL,
    schema_name text,
    table_name text,
    level bigint NOT NULL,
    method text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    schemas bigint NOT NULL DEFAULT 0,
    tables bigint NOT NULL DEFAULT 0,
    columns bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    modified bigint NOT NULL DEFAULT 0,
    removed bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE metadata.scans IS 'Scans of sources; level 1: schemas, 2: tables; method: manual or auto';
COMMENT ON COLUMN metadata.scans.ended_at IS 'NULL until what it found is in force';

CREATE INDEX scans_catalog ON metadata.scans (catalog_id, started_at);
CREATE INDEX scans_job ON metadata.scans (job_id);

CREATE TABLE metadata.scanned_schemas (
    catalog_id uuid NOT NULL,
    schema_name text NOT NULL,
    tables bigint NOT NULL,
    bytes bigint,
    comment text,
    updated_at timestamptz,
    scanned_at timestamptz NOT NULL,
    PRIMARY KEY (catalog_id, schema_name)
);
COMMENT ON TABLE metadata.scanned_schemas IS 'Schemas as the last scan of their source found them';

CREATE TABLE metadata.scanned_tables (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    catalog_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    row_count bigint,
    bytes bigint,
    updated_at timestamptz,
    -- Not jsonb: a shape is compared with the last one as text.
    shape json NOT NULL,
    UNIQUE (catalog_id, schema_name, table_name)
);
COMMENT ON TABLE metadata.scanned_tables IS 'Tables as the last scan of their source found them';
COMMENT ON COLUMN metadata.scanned_tables.shape IS 'Kind, comment, columns, constraints, indexes; see scanned_columns';

CREATE TABLE metadata.staged_schemas (
    scan_id uuid NOT NULL,
    schema_name text NOT NULL,
    tables bigint NOT NULL,
    bytes bigint,
    comment text,
    updated_at timestamptz,
    PRIMARY KEY (scan_id, schema_name)
);
COMMENT ON TABLE metadata.staged_schemas IS 'What a running scan has found so far; it is in force only as a whole';

CREATE TABLE metadata.staged_tables (
    scan_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    row_count bigint,
    bytes bigint,
    updated_at timestamptz,
    columns bigint NOT NULL,
    shape json,
    PRIMARY KEY (scan_id, schema_name, table_name)
);
COMMENT ON TABLE metadata.staged_tables IS 'What a running scan has found so far; it is in force only as a whole';
COMMENT ON COLUMN metadata.staged_tables.shape IS 'NULL: as it was found before';

CREATE TABLE metadata.changes (
    scan_id uuid NOT NULL REFERENCES metadata.scans (id),
    schema_name text NOT NULL,
    table_name text NOT NULL,
    change text NOT NULL,
    before json,
    after json,
    PRIMARY KEY (scan_id, schema_name, table_name)
);
COMMENT ON TABLE metadata.changes IS 'What a scan found to be added, modified or removed, with the shapes before and after';

CREATE VIEW metadata.scanned_columns AS
SELECT
    t.catalog_id,
    t.schema_name,
    t.table_name,
    c.ordinality AS ordinal_position,
    c.value ->> 'name' AS column_name,
    c.value ->> 'type' AS data_type,
    CAST(c.value ->> 'nullable' AS boolean) AS is_nullable,
    c.value ->> 'default' AS column_default,
    c.value ->> 'comment' AS comment
FROM metadata.scanned_tables AS t, json_array_elements(t.shape -> 'columns') WITH ORDINALITY AS c (value, ordinality);
COMMENT ON VIEW metadata.scanned_columns IS 'For those who read this database with SQL: the columns of scanned_tables';
