-- Tables of the lake are datasets too: without a query, and with files.
ALTER TABLE manager.datasets ADD COLUMN kind text NOT NULL DEFAULT 'view';
COMMENT ON COLUMN manager.datasets.kind IS 'view, or table: then it has no query, but files';

CREATE TABLE metadata.lake_files (
    dataset_id uuid NOT NULL REFERENCES manager.datasets (id),
    path text NOT NULL,
    row_count bigint NOT NULL,
    bytes bigint NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (dataset_id, path)
);
COMMENT ON TABLE metadata.lake_files IS 'The files that make a table of the lake';
COMMENT ON COLUMN metadata.lake_files.path IS 'Below the lake''s folder';
