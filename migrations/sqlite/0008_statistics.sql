-- Figures of columns and samples of rows; the files that tables are made of; how deep each part of a catalog was scanned last.
ALTER TABLE scanned_schemas ADD COLUMN files INTEGER;
-- JSON: how many files have each format.
ALTER TABLE scanned_schemas ADD COLUMN formats TEXT;
ALTER TABLE staged_schemas ADD COLUMN files INTEGER;
ALTER TABLE staged_schemas ADD COLUMN formats TEXT;

-- Of the files that were looked into for the shape.
ALTER TABLE scanned_tables ADD COLUMN signature TEXT;
ALTER TABLE staged_tables ADD COLUMN signature TEXT;

-- Tables whose statistics a scan took, and tables of which it could not take them.
ALTER TABLE scans ADD COLUMN analyzed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scans ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;

CREATE TABLE scanned_files (
    catalog_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    format TEXT NOT NULL,
    signature TEXT NOT NULL,
    file_count INTEGER NOT NULL,
    -- JSON: path, bytes, etag, modified_at of each, or of the first of them.
    files TEXT NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name)
);

CREATE TABLE staged_files (
    scan_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    format TEXT NOT NULL,
    signature TEXT NOT NULL,
    file_count INTEGER NOT NULL,
    files TEXT NOT NULL,
    PRIMARY KEY (scan_id, schema_name, table_name)
);

-- The last scan of each part: the names are empty where all of a catalog, or of a schema, was scanned. A scan takes the marks within it away.
CREATE TABLE scan_marks (
    catalog_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    level INTEGER NOT NULL,
    -- manual or auto.
    method TEXT NOT NULL,
    scanned_at TEXT NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name, level)
);

CREATE TABLE table_statistics (
    catalog_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    -- full or sample: what a scan has set out to find, and has not found yet.
    wanted TEXT,
    -- full or sample: what was asked for, and what is known: above max_rows it is a sample all the same.
    asked TEXT,
    method TEXT,
    row_count INTEGER,
    sampled_rows INTEGER,
    -- The rows that might be read.
    max_rows INTEGER,
    -- Of the files that were read.
    signature TEXT,
    sqlstate TEXT,
    error TEXT,
    analyzed_at TEXT,
    PRIMARY KEY (catalog_id, schema_name, table_name)
);

CREATE TABLE column_statistics (
    catalog_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    ordinal_position INTEGER NOT NULL,
    row_count INTEGER,
    null_ratio REAL,
    distinct_count INTEGER,
    min_value TEXT,
    max_value TEXT,
    method TEXT NOT NULL,
    sampled_rows INTEGER NOT NULL,
    -- JSON: an array of texts and nulls.
    sample TEXT,
    sample_bytes INTEGER NOT NULL DEFAULT 0,
    analyzed_at TEXT NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name, column_name)
);
