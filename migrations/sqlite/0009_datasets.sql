-- Datasets: queries that are kept as views, what was told of their columns, and where each column comes from.
CREATE TABLE datasets (
    id TEXT PRIMARY KEY,
    schema_name TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The query, and where its names are looked up: a catalog, and a JSON array of schemas.
    definition TEXT NOT NULL,
    catalog_name TEXT NOT NULL,
    search_path TEXT NOT NULL,
    -- JSON: name, type, role, format, aggregate of each.
    columns TEXT NOT NULL,
    owner TEXT NOT NULL,
    -- Of the query: each CREATE OR REPLACE is a new one.
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    -- Logical deletion: the row stays, the name is free again.
    deleted_at TEXT
);

CREATE UNIQUE INDEX datasets_name ON datasets (schema_name, name) WHERE deleted_at IS NULL;

CREATE TABLE dataset_versions (
    dataset_id TEXT NOT NULL REFERENCES datasets (id),
    version INTEGER NOT NULL,
    definition TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (dataset_id, version)
);

CREATE TABLE lineage (
    dataset_id TEXT NOT NULL REFERENCES datasets (id),
    -- '': the rows of the dataset, not one of its columns.
    column_name TEXT NOT NULL,
    source_catalog TEXT NOT NULL,
    source_schema TEXT NOT NULL,
    source_table TEXT NOT NULL,
    -- '': the rows of the table.
    source_column TEXT NOT NULL,
    PRIMARY KEY (dataset_id, column_name, source_catalog, source_schema, source_table, source_column)
);

CREATE INDEX lineage_source ON lineage (source_catalog, source_schema, source_table);
