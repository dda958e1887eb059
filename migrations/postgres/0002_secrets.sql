-- Secrets by name, encrypted values of catalogs and secrets, catalogs that are switched off.
CREATE TABLE manager.secrets (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    kind text NOT NULL,
    owner text NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE manager.secrets IS 'Values that catalogs use by a name; the values themselves are in secret_values';

CREATE TABLE manager.secret_values (
    object_id uuid NOT NULL,
    name text NOT NULL,
    key_id text NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    PRIMARY KEY (object_id, name)
);
COMMENT ON TABLE manager.secret_values IS
    'XChaCha20-Poly1305 under the key of that id, bound to object and name: a row that is moved or changed does not open';
COMMENT ON COLUMN manager.secret_values.object_id IS 'A catalog, which may be dropped, or a secret';
COMMENT ON COLUMN manager.secret_values.name IS 'The option that it is the value of';

ALTER TABLE manager.catalogs ADD COLUMN secret text;
ALTER TABLE manager.catalogs ADD COLUMN is_enabled boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN manager.catalogs.secret IS 'The secret, by name, whose values are options of the catalog';
