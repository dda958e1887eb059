-- The gateways that use this store, and which of them runs a job. A job whose gateway has gone is interrupted, and run anew once.
CREATE TABLE system.gateways (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
);
COMMENT ON TABLE system.gateways IS 'The gateways that use this database';
COMMENT ON COLUMN system.gateways.id IS 'Of its data folder: a gateway keeps it when it starts again';
COMMENT ON COLUMN system.gateways.seen_at IS 'Its last sign of life, by the clock of this server';

ALTER TABLE system.jobs ADD COLUMN gateway_id uuid;
ALTER TABLE system.jobs ADD COLUMN retried_of uuid;
COMMENT ON COLUMN system.jobs.gateway_id IS 'The gateway that runs or ran it; its row goes some time after it has gone';
COMMENT ON COLUMN system.jobs.retried_of IS 'The interrupted job whose statement this one runs anew';
CREATE UNIQUE INDEX jobs_retried_of ON system.jobs (retried_of);
