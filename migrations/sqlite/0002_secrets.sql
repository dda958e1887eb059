-- Secrets by name, encrypted values of catalogs and secrets, catalogs that are switched off.
CREATE TABLE secrets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    created_at TEXT NOT NULL
);

-- XChaCha20-Poly1305 under the key of that id, bound to object and name: a row that is moved or changed does not open.
CREATE TABLE secret_values (
    -- Of a catalog, which may be dropped, or of a secret.
    object_id TEXT NOT NULL,
    -- The option that it is the value of.
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    nonce BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    PRIMARY KEY (object_id, name)
);

-- The secret, by name, whose values are options of the catalog.
ALTER TABLE catalogs ADD COLUMN secret TEXT;
ALTER TABLE catalogs ADD COLUMN is_enabled INTEGER NOT NULL DEFAULT 1;
