-- Statements that are run at certain times.
CREATE TABLE manager.schedules (
    name text PRIMARY KEY,
    cron text NOT NULL,
    time_zone text NOT NULL,
    statement text NOT NULL,
    owner text NOT NULL,
    is_paused boolean NOT NULL DEFAULT false,
    next_run_at timestamptz,
    last_run_at timestamptz,
    last_outcome text,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE manager.schedules IS 'Statements that are run at certain times';
COMMENT ON COLUMN manager.schedules.next_run_at IS 'Who moves this on runs the statement: it is run once';
COMMENT ON COLUMN manager.schedules.last_outcome IS 'succeeded, or what it met';
