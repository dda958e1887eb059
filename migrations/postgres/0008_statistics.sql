-- Figures of columns and samples of rows; the files that tables are made of; how deep each part of a catalog was scanned last.
ALTER TABLE metadata.scanned_schemas ADD COLUMN files bigint;
ALTER TABLE metadata.scanned_schemas ADD COLUMN formats json;
COMMENT ON COLUMN metadata.scanned_schemas.formats IS 'How many files have each format';
ALTER TABLE metadata.staged_schemas ADD COLUMN files bigint;
ALTER TABLE metadata.staged_schemas ADD COLUMN formats json;

ALTER TABLE metadata.scanned_tables ADD COLUMN signature text;
COMMENT ON COLUMN metadata.scanned_tables.signature IS 'Of the files that were looked into for the shape';
ALTER TABLE metadata.staged_tables ADD COLUMN signature text;

ALTER TABLE metadata.scans ADD COLUMN analyzed bigint NOT NULL DEFAULT 0;
ALTER TABLE metadata.scans ADD COLUMN failed bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN metadata.scans.analyzed IS 'Tables whose statistics the scan took';
COMMENT ON COLUMN metadata.scans.failed IS 'Tables of which it could not take them';

CREATE TABLE metadata.scanned_files (
    catalog_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    format text NOT NULL,
    signature text NOT NULL,
    file_count bigint NOT NULL,
    files json NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name)
);
COMMENT ON TABLE metadata.scanned_files IS 'The files that tables are made of, as the last scan listed them';
COMMENT ON COLUMN metadata.scanned_files.files IS 'Path, bytes, etag, modified_at of each, or of the first of them';

CREATE TABLE metadata.staged_files (
    scan_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    format text NOT NULL,
    signature text NOT NULL,
    file_count bigint NOT NULL,
    files json NOT NULL,
    PRIMARY KEY (scan_id, schema_name, table_name)
);
COMMENT ON TABLE metadata.staged_files IS 'What a running scan has found so far; it is in force only as a whole';

CREATE TABLE metadata.scan_marks (
    catalog_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    level bigint NOT NULL,
    method text NOT NULL,
    scanned_at timestamptz NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name, level)
);
COMMENT ON TABLE metadata.scan_marks IS 'The last scan of each part; names are empty where all of a catalog or schema was scanned';

CREATE TABLE metadata.table_statistics (
    catalog_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    wanted text,
    asked text,
    method text,
    row_count bigint,
    sampled_rows bigint,
    max_rows bigint,
    signature text,
    sqlstate text,
    error text,
    analyzed_at timestamptz,
    PRIMARY KEY (catalog_id, schema_name, table_name)
);
COMMENT ON TABLE metadata.table_statistics IS 'What is known of tables by reading their rows; full: all of them, sample: some';
COMMENT ON COLUMN metadata.table_statistics.wanted IS 'What a scan has set out to find, and has not found yet';
COMMENT ON COLUMN metadata.table_statistics.asked IS 'What was asked for; above max_rows it is a sample all the same';
COMMENT ON COLUMN metadata.table_statistics.signature IS 'Of the files that were read';

CREATE TABLE metadata.column_statistics (
    catalog_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    column_name text NOT NULL,
    ordinal_position bigint NOT NULL,
    row_count bigint,
    null_ratio double precision,
    distinct_count bigint,
    min_value text,
    max_value text,
    method text NOT NULL,
    sampled_rows bigint NOT NULL,
    sample json,
    sample_bytes bigint NOT NULL DEFAULT 0,
    analyzed_at timestamptz NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name, column_name)
);
COMMENT ON TABLE metadata.column_statistics IS 'Figures of columns, and values of the first rows';
COMMENT ON COLUMN metadata.column_statistics.sample IS 'An array of texts and nulls';
