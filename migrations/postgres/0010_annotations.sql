-- What people say of objects. An object is a catalog, a schema, a table or a column: the names below it are ''. Weft's own catalogs have ids too.
CREATE TABLE metadata.annotations (
    catalog_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    column_name text NOT NULL,
    comment text,
    folder text,
    author text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name, column_name)
);
COMMENT ON TABLE metadata.annotations IS 'Comments and folders of objects; the names below an object are empty';

CREATE TABLE metadata.tags (
    catalog_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    column_name text NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    author text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name, column_name, name)
);
COMMENT ON TABLE metadata.tags IS 'Tags of objects';

CREATE TABLE metadata.favorites (
    role_name text NOT NULL,
    catalog_id uuid NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (role_name, catalog_id, schema_name, table_name)
);
COMMENT ON TABLE metadata.favorites IS 'What roles want to find again';

CREATE TABLE metadata.folders (
    path text PRIMARY KEY,
    comment text,
    owner text NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE metadata.folders IS 'Folders over all catalogs';
