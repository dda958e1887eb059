-- Which tables of a source may be queried: what was decided table by table. Of all others the catalog's property `manage` decides.
CREATE TABLE managed (
    catalog_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    -- unmanaged, pending, scanning, ready or failed.
    state TEXT NOT NULL,
    error TEXT,
    changed_by TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name)
);
