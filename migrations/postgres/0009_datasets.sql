-- Datasets: queries that are kept as views, what was told of their columns, and where each column comes from.
CREATE TABLE manager.datasets (
    id uuid PRIMARY KEY,
    schema_name text NOT NULL,
    name text NOT NULL,
    definition text NOT NULL,
    catalog_name text NOT NULL,
    search_path json NOT NULL,
    columns json NOT NULL,
    owner text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
);
COMMENT ON TABLE manager.datasets IS 'Queries that are kept as views';
COMMENT ON COLUMN manager.datasets.search_path IS 'With catalog_name: where the names of the query are looked up';
COMMENT ON COLUMN manager.datasets.columns IS 'Name, type, role, format, aggregate of each';
COMMENT ON COLUMN manager.datasets.version IS 'Of the query: each CREATE OR REPLACE is a new one';
COMMENT ON COLUMN manager.datasets.deleted_at IS 'Logical deletion: the row stays, the name is free again';

CREATE UNIQUE INDEX datasets_name ON manager.datasets (schema_name, name) WHERE deleted_at IS NULL;

CREATE TABLE manager.dataset_versions (
    dataset_id uuid NOT NULL REFERENCES manager.datasets (id),
    version bigint NOT NULL,
    definition text NOT NULL,
    author text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (dataset_id, version)
);
COMMENT ON TABLE manager.dataset_versions IS 'The queries that datasets have had';

CREATE TABLE metadata.lineage (
    dataset_id uuid NOT NULL REFERENCES manager.datasets (id),
    column_name text NOT NULL,
    source_catalog text NOT NULL,
    source_schema text NOT NULL,
    source_table text NOT NULL,
    source_column text NOT NULL,
    PRIMARY KEY (dataset_id, column_name, source_catalog, source_schema, source_table, source_column)
);
COMMENT ON TABLE metadata.lineage IS 'Where the columns of datasets come from';
COMMENT ON COLUMN metadata.lineage.column_name IS 'Empty: the rows of the dataset, not one of its columns';
COMMENT ON COLUMN metadata.lineage.source_column IS 'Empty: the rows of the table';

CREATE INDEX lineage_source ON metadata.lineage (source_catalog, source_schema, source_table);
