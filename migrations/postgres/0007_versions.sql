-- The version of this store's content: major is its layout (the last migration), minor counts changes of definitions, patch scans since then.
CREATE TABLE system.versions (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    major bigint NOT NULL,
    minor bigint NOT NULL,
    patch bigint NOT NULL,
    part text NOT NULL,
    object text NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE system.versions IS 'The version of this database''s content after each change; gateways hear of new rows by NOTIFY weft_versions';
COMMENT ON COLUMN system.versions.part IS 'layout, catalogs, roles, secrets, schedules or scans';

CREATE FUNCTION system.announce_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('weft_versions', NEW.number::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER versions_announced AFTER INSERT ON system.versions
FOR EACH ROW EXECUTE FUNCTION system.announce_version();
