-- Tables of the lake are datasets too: without a query, and with files.
ALTER TABLE datasets ADD COLUMN kind TEXT NOT NULL DEFAULT 'view';

-- The files that make a table. What is in no row here belongs to nobody.
CREATE TABLE lake_files (
    dataset_id TEXT NOT NULL REFERENCES datasets (id),
    -- Below the lake's folder.
    path TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (dataset_id, path)
);
