-- Full-text search over what scans found: one entry a table, with the names and comments of its columns, a line each.
-- Words as they are, in lower case, and without accents where the extension unaccent can be had: it needs no superuser.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA metadata;
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'accents are kept: %', SQLERRM;
END
$$;

CREATE TEXT SEARCH CONFIGURATION metadata.words (COPY = pg_catalog.simple);
COMMENT ON TEXT SEARCH CONFIGURATION metadata.words IS 'How search() takes texts to pieces';

DO $$
DECLARE
    dictionary text := (
        SELECT format('%I.%I', n.nspname, d.dictname)
        FROM pg_catalog.pg_ts_dict d JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
        WHERE d.dictname = 'unaccent' LIMIT 1
    );
BEGIN
    IF dictionary IS NOT NULL THEN
        EXECUTE format(
            'ALTER TEXT SEARCH CONFIGURATION metadata.words ALTER MAPPING FOR '
            'asciiword, word, numword, asciihword, hword, numhword, hword_asciipart, hword_part, hword_numpart '
            'WITH %s, pg_catalog.simple', dictionary
        );
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'accents are kept: %', SQLERRM;
END
$$;

-- Words are what is between anything but letters and digits: a dotted name is no host, a path no file.
CREATE FUNCTION metadata.words_of(value text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('metadata.words'::regconfig, left(regexp_replace(coalesce(value, ''), '[^[:alnum:]]+', ' ', 'g'), 200000));

CREATE TABLE metadata.search_index (
    id bigint PRIMARY KEY REFERENCES metadata.scanned_tables (id) ON DELETE CASCADE,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    name text NOT NULL,
    comment text,
    columns text,
    words tsvector GENERATED ALWAYS AS (
        setweight(metadata.words_of(name), 'A') || setweight(metadata.words_of(comment), 'B')
        || setweight(metadata.words_of(columns), 'C')
    ) STORED
);
COMMENT ON TABLE metadata.search_index IS 'The words of each table, for search(); triggers of scanned_tables keep it';
CREATE INDEX search_index_words ON metadata.search_index USING gin (words);

CREATE FUNCTION metadata.index_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO metadata.search_index (id, schema_name, table_name, name, comment, columns)
    VALUES (
        NEW.id, NEW.schema_name, NEW.table_name, NEW.schema_name || ' ' || NEW.table_name, NEW.shape ->> 'comment',
        (
            SELECT string_agg((c.value ->> 'name') || chr(9) || coalesce(c.value ->> 'comment', ''), chr(10) ORDER BY c.number)
            FROM json_array_elements(NEW.shape -> 'columns') WITH ORDINALITY AS c (value, number)
        )
    )
    ON CONFLICT (id) DO UPDATE SET comment = excluded.comment, columns = excluded.columns;
    RETURN NULL;
END
$$;

CREATE TRIGGER scanned_tables_added AFTER INSERT ON metadata.scanned_tables
FOR EACH ROW EXECUTE FUNCTION metadata.index_table();

CREATE TRIGGER scanned_tables_changed AFTER UPDATE OF shape ON metadata.scanned_tables
FOR EACH ROW EXECUTE FUNCTION metadata.index_table();
