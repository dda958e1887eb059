-- The version of this store's content: major is its layout (the last migration), minor counts changes of definitions, patch scans since then.
CREATE TABLE versions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    major INTEGER NOT NULL,
    minor INTEGER NOT NULL,
    patch INTEGER NOT NULL,
    -- layout, catalogs, roles, secrets, schedules or scans.
    part TEXT NOT NULL,
    -- What was changed, by name.
    object TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
