-- Full-text search over what scans found: one entry a table, with the names and comments of its columns, a line each.
CREATE VIRTUAL TABLE search_index USING fts5 (name, comment, columns, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');

CREATE TRIGGER scanned_tables_added AFTER INSERT ON scanned_tables BEGIN
    INSERT INTO search_index (rowid, name, comment, columns) VALUES (
        new.id,
        new.schema_name || ' ' || new.table_name,
        new.shape ->> 'comment',
        (
            SELECT group_concat((value ->> 'name') || char(9) || coalesce(value ->> 'comment', ''), char(10))
            FROM json_each(new.shape, '$.columns')
        )
    );
END;

CREATE TRIGGER scanned_tables_changed AFTER UPDATE OF shape ON scanned_tables BEGIN
    UPDATE search_index SET
        comment = new.shape ->> 'comment',
        columns = (
            SELECT group_concat((value ->> 'name') || char(9) || coalesce(value ->> 'comment', ''), char(10))
            FROM json_each(new.shape, '$.columns')
        )
    WHERE rowid = new.id;
END;

CREATE TRIGGER scanned_tables_removed AFTER DELETE ON scanned_tables BEGIN
    DELETE FROM search_index WHERE rowid = old.id;
END;
