-- Statements that are run at certain times.
CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    statement TEXT NOT NULL,
    owner TEXT NOT NULL,
    is_paused INTEGER NOT NULL DEFAULT 0,
    -- Who moves this on runs the statement: it is run once.
    next_run_at TEXT,
    last_run_at TEXT,
    -- succeeded, or what it met.
    last_outcome TEXT,
    created_at TEXT NOT NULL
);
