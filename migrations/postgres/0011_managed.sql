-- Which tables of a source may be queried: what was decided table by table. Of all others the catalog's property `manage` decides.
CREATE TABLE metadata.managed (
    catalog_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    state text NOT NULL,
    error text,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name)
);
COMMENT ON TABLE metadata.managed IS 'Which tables of sources may be queried, where that was decided table by table';
COMMENT ON COLUMN metadata.managed.state IS 'unmanaged, pending, scanning, ready or failed';
