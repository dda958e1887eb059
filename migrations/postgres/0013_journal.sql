-- What gateways have done of the statements that they kept while this database was away. A row is written in the transaction of the change.
CREATE TABLE system.journalled (
    id uuid NOT NULL,
    number bigint NOT NULL,
    applied_at timestamptz NOT NULL,
    PRIMARY KEY (id, number)
);
COMMENT ON TABLE system.journalled IS 'Changes that were made by statements which gateways had kept in their journals';
COMMENT ON COLUMN system.journalled.id IS 'The statement''s number in the journal of its gateway';
COMMENT ON COLUMN system.journalled.number IS 'The version that the change has made';
CREATE INDEX journalled_number ON system.journalled (number);
