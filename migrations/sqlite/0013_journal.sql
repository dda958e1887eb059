-- Writes that wait for a metadata store on a server, in a file of its gateway: see 0013_journal.sql of PostgreSQL for the other half.
CREATE TABLE journal (
    -- In the order in which they are done.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    user_name TEXT NOT NULL,
    catalog_name TEXT NOT NULL,
    search_path TEXT NOT NULL,
    -- Without what is secret in it.
    statement TEXT NOT NULL,
    -- The statement as it was written, sealed; gone once it has been tried.
    key_id TEXT,
    nonce BLOB,
    ciphertext BLOB,
    -- The newest version of the content that was known.
    version INTEGER NOT NULL,
    -- pending, applied or conflict
    state TEXT NOT NULL,
    error TEXT,
    journalled_at TEXT NOT NULL,
    applied_at TEXT
);
CREATE INDEX journal_state ON journal (state, number);
