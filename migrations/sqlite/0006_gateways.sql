-- The gateways that use this store, and which of them runs a job. A job whose gateway has gone is interrupted, and run anew once.
CREATE TABLE gateways (
    -- Of its data folder: it keeps it when it starts again.
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    started_at TEXT NOT NULL,
    -- Its last sign of life.
    seen_at TEXT NOT NULL
);

ALTER TABLE jobs ADD COLUMN gateway_id TEXT;
ALTER TABLE jobs ADD COLUMN retried_of TEXT;
CREATE UNIQUE INDEX jobs_retried_of ON jobs (retried_of);
