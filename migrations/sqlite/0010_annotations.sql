-- What people say of objects. An object is a catalog, a schema, a table or a column: the names below it are ''. Weft's own catalogs have ids too.
CREATE TABLE annotations (
    catalog_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    comment TEXT,
    folder TEXT,
    author TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name, column_name)
);

CREATE TABLE tags (
    catalog_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    author TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (catalog_id, schema_name, table_name, column_name, name)
);

CREATE TABLE favorites (
    role_name TEXT NOT NULL,
    catalog_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (role_name, catalog_id, schema_name, table_name)
);

CREATE TABLE folders (
    path TEXT PRIMARY KEY,
    comment TEXT,
    owner TEXT NOT NULL,
    created_at TEXT NOT NULL
);
