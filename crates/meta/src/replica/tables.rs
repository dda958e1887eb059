//! The tables that are copied as a whole, with the kinds of their columns, and how a scanned table is copied.

use crate::db::Sql;

/// What a column holds.
pub(super) enum Kind {
    /// An id.
    Id,
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// A number with a point.
    Real,
    /// Yes or no.
    Truth,
    /// A moment.
    Time,
    /// Bytes.
    Bytes,
    /// An object of texts, in JSON.
    Texts,
    /// A document whose text must stay as it is.
    Document,
}

/// A table that is copied as a whole.
pub(super) struct Table {
    /// Reads it.
    pub(super) select: &'static str,
    /// Empties the copy.
    pub(super) clear: &'static str,
    /// Fills the copy.
    pub(super) insert: &'static str,
    /// The columns in their order.
    pub(super) columns: &'static [(&'static str, Kind)],
}

/// A scanned table: takes its old row back if there is one, then changes it if it differs, or adds it. Parameters: catalog, schema, table, rows, bytes,
/// time, shape, signature.
pub(super) const SCANNED_TABLE: [Sql; 2] = [
    Sql::sqlite(
        "UPDATE scanned_tables SET catalog_id = $1 WHERE catalog_id = '-' || $1 AND schema_name = $2 AND table_name = $3",
    ),
    Sql::sqlite(
        "INSERT INTO scanned_tables (catalog_id, schema_name, table_name, row_count, bytes, updated_at, shape, signature) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (catalog_id, schema_name, table_name) DO UPDATE SET \
         row_count = excluded.row_count, bytes = excluded.bytes, updated_at = excluded.updated_at, shape = excluded.shape, \
         signature = excluded.signature WHERE (row_count, bytes, updated_at, shape, signature) IS NOT \
         (excluded.row_count, excluded.bytes, excluded.updated_at, excluded.shape, excluded.signature)",
    ),
];

/// Those to which others refer come first.
pub(super) const TABLES: &[Table] = &[
    Table {
        select: "SELECT id, name, verifier, is_superuser, can_login, created_at, valid_until, connection_limit, variables FROM roles",
        clear: "DELETE FROM roles",
        insert: "INSERT INTO roles (id, name, verifier, is_superuser, can_login, created_at, valid_until, connection_limit, variables) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        columns: &[
            ("id", Kind::Id),
            ("name", Kind::Text),
            ("verifier", Kind::Text),
            ("is_superuser", Kind::Truth),
            ("can_login", Kind::Truth),
            ("created_at", Kind::Time),
            ("valid_until", Kind::Time),
            ("connection_limit", Kind::Number),
            ("variables", Kind::Texts),
        ],
    },
    Table {
        select: "SELECT role_id, member_id, is_admin, grantor, created_at FROM role_members",
        clear: "DELETE FROM role_members",
        insert: "INSERT INTO role_members (role_id, member_id, is_admin, grantor, created_at) VALUES ($1, $2, $3, $4, $5)",
        columns: &[
            ("role_id", Kind::Id),
            ("member_id", Kind::Id),
            ("is_admin", Kind::Truth),
            ("grantor", Kind::Text),
            ("created_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT role_id, object_id, schema_name, table_name, privilege, is_grantable, grantor, created_at FROM grants",
        clear: "DELETE FROM grants",
        insert: "INSERT INTO grants (role_id, object_id, schema_name, table_name, privilege, is_grantable, grantor, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        columns: &[
            ("role_id", Kind::Id),
            ("object_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("privilege", Kind::Text),
            ("is_grantable", Kind::Truth),
            ("grantor", Kind::Text),
            ("created_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT id, name, kind, options, properties, owner, created_at, updated_at, deleted_at, secret, is_enabled FROM catalogs",
        clear: "DELETE FROM catalogs",
        insert: "INSERT INTO catalogs (id, name, kind, options, properties, owner, created_at, updated_at, deleted_at, secret, is_enabled) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        columns: &[
            ("id", Kind::Id),
            ("name", Kind::Text),
            ("kind", Kind::Text),
            ("options", Kind::Texts),
            ("properties", Kind::Texts),
            ("owner", Kind::Text),
            ("created_at", Kind::Time),
            ("updated_at", Kind::Time),
            ("deleted_at", Kind::Time),
            ("secret", Kind::Text),
            ("is_enabled", Kind::Truth),
        ],
    },
    Table {
        select: "SELECT id, name, kind, owner, created_at FROM secrets",
        clear: "DELETE FROM secrets",
        insert: "INSERT INTO secrets (id, name, kind, owner, created_at) VALUES ($1, $2, $3, $4, $5)",
        columns: &[
            ("id", Kind::Id),
            ("name", Kind::Text),
            ("kind", Kind::Text),
            ("owner", Kind::Text),
            ("created_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT object_id, name, key_id, nonce, ciphertext FROM secret_values",
        clear: "DELETE FROM secret_values",
        insert: "INSERT INTO secret_values (object_id, name, key_id, nonce, ciphertext) VALUES ($1, $2, $3, $4, $5)",
        columns: &[
            ("object_id", Kind::Id),
            ("name", Kind::Text),
            ("key_id", Kind::Text),
            ("nonce", Kind::Bytes),
            ("ciphertext", Kind::Bytes),
        ],
    },
    Table {
        select: "SELECT name, cron, time_zone, statement, owner, is_paused, next_run_at, last_run_at, last_outcome, created_at FROM schedules",
        clear: "DELETE FROM schedules",
        insert: "INSERT INTO schedules (name, cron, time_zone, statement, owner, is_paused, next_run_at, last_run_at, last_outcome, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        columns: &[
            ("name", Kind::Text),
            ("cron", Kind::Text),
            ("time_zone", Kind::Text),
            ("statement", Kind::Text),
            ("owner", Kind::Text),
            ("is_paused", Kind::Truth),
            ("next_run_at", Kind::Time),
            ("last_run_at", Kind::Time),
            ("last_outcome", Kind::Text),
            ("created_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT id, name, started_at, seen_at FROM gateways",
        clear: "DELETE FROM gateways",
        insert: "INSERT INTO gateways (id, name, started_at, seen_at) VALUES ($1, $2, $3, $4)",
        columns: &[("id", Kind::Id), ("name", Kind::Text), ("started_at", Kind::Time), ("seen_at", Kind::Time)],
    },
    Table {
        select: "SELECT id, kind, statement, catalog_name, state, owner, done, total, sqlstate, error, created_at, ended_at, gateway_id, retried_of FROM jobs",
        clear: "DELETE FROM jobs",
        insert: "INSERT INTO jobs (id, kind, statement, catalog_name, state, owner, done, total, sqlstate, error, created_at, ended_at, gateway_id, retried_of) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        columns: &[
            ("id", Kind::Id),
            ("kind", Kind::Text),
            ("statement", Kind::Text),
            ("catalog_name", Kind::Text),
            ("state", Kind::Text),
            ("owner", Kind::Text),
            ("done", Kind::Number),
            ("total", Kind::Number),
            ("sqlstate", Kind::Text),
            ("error", Kind::Text),
            ("created_at", Kind::Time),
            ("ended_at", Kind::Time),
            ("gateway_id", Kind::Id),
            ("retried_of", Kind::Id),
        ],
    },
    Table {
        select: "SELECT id, job_id, catalog_id, catalog_name, schema_name, table_name, level, method, started_at, ended_at, schemas, tables, columns, added, modified, removed, analyzed, failed FROM scans",
        clear: "DELETE FROM scans",
        insert: "INSERT INTO scans (id, job_id, catalog_id, catalog_name, schema_name, table_name, level, method, started_at, ended_at, schemas, tables, columns, added, modified, removed, analyzed, failed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        columns: &[
            ("id", Kind::Id),
            ("job_id", Kind::Id),
            ("catalog_id", Kind::Id),
            ("catalog_name", Kind::Text),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("level", Kind::Number),
            ("method", Kind::Text),
            ("started_at", Kind::Time),
            ("ended_at", Kind::Time),
            ("schemas", Kind::Number),
            ("tables", Kind::Number),
            ("columns", Kind::Number),
            ("added", Kind::Number),
            ("modified", Kind::Number),
            ("removed", Kind::Number),
            ("analyzed", Kind::Number),
            ("failed", Kind::Number),
        ],
    },
    Table {
        select: "SELECT scan_id, schema_name, table_name, change, before, after FROM changes",
        clear: "DELETE FROM changes",
        insert: "INSERT INTO changes (scan_id, schema_name, table_name, change, before, after) VALUES ($1, $2, $3, $4, $5, $6)",
        columns: &[
            ("scan_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("change", Kind::Text),
            ("before", Kind::Document),
            ("after", Kind::Document),
        ],
    },
    Table {
        select: "SELECT catalog_id, schema_name, tables, bytes, comment, updated_at, scanned_at, files, formats FROM scanned_schemas",
        clear: "DELETE FROM scanned_schemas",
        insert: "INSERT INTO scanned_schemas (catalog_id, schema_name, tables, bytes, comment, updated_at, scanned_at, files, formats) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        columns: &[
            ("catalog_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("tables", Kind::Number),
            ("bytes", Kind::Number),
            ("comment", Kind::Text),
            ("updated_at", Kind::Time),
            ("scanned_at", Kind::Time),
            ("files", Kind::Number),
            ("formats", Kind::Document),
        ],
    },
    Table {
        select: "SELECT catalog_id, schema_name, table_name, format, signature, file_count, files FROM scanned_files",
        clear: "DELETE FROM scanned_files",
        insert: "INSERT INTO scanned_files (catalog_id, schema_name, table_name, format, signature, file_count, files) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        columns: &[
            ("catalog_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("format", Kind::Text),
            ("signature", Kind::Text),
            ("file_count", Kind::Number),
            ("files", Kind::Document),
        ],
    },
    Table {
        select: "SELECT catalog_id, schema_name, table_name, level, method, scanned_at FROM scan_marks",
        clear: "DELETE FROM scan_marks",
        insert: "INSERT INTO scan_marks (catalog_id, schema_name, table_name, level, method, scanned_at) VALUES ($1, $2, $3, $4, $5, $6)",
        columns: &[
            ("catalog_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("level", Kind::Number),
            ("method", Kind::Text),
            ("scanned_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT catalog_id, schema_name, table_name, wanted, asked, method, row_count, sampled_rows, max_rows, signature, sqlstate, error, analyzed_at FROM table_statistics",
        clear: "DELETE FROM table_statistics",
        insert: "INSERT INTO table_statistics (catalog_id, schema_name, table_name, wanted, asked, method, row_count, sampled_rows, max_rows, signature, sqlstate, error, analyzed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        columns: &[
            ("catalog_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("wanted", Kind::Text),
            ("asked", Kind::Text),
            ("method", Kind::Text),
            ("row_count", Kind::Number),
            ("sampled_rows", Kind::Number),
            ("max_rows", Kind::Number),
            ("signature", Kind::Text),
            ("sqlstate", Kind::Text),
            ("error", Kind::Text),
            ("analyzed_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT catalog_id, schema_name, table_name, column_name, ordinal_position, row_count, null_ratio, distinct_count, min_value, max_value, method, sampled_rows, sample, sample_bytes, analyzed_at FROM column_statistics",
        clear: "DELETE FROM column_statistics",
        insert: "INSERT INTO column_statistics (catalog_id, schema_name, table_name, column_name, ordinal_position, row_count, null_ratio, distinct_count, min_value, max_value, method, sampled_rows, sample, sample_bytes, analyzed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        columns: &[
            ("catalog_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("column_name", Kind::Text),
            ("ordinal_position", Kind::Number),
            ("row_count", Kind::Number),
            ("null_ratio", Kind::Real),
            ("distinct_count", Kind::Number),
            ("min_value", Kind::Text),
            ("max_value", Kind::Text),
            ("method", Kind::Text),
            ("sampled_rows", Kind::Number),
            ("sample", Kind::Document),
            ("sample_bytes", Kind::Number),
            ("analyzed_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT id, schema_name, name, definition, catalog_name, search_path, columns, owner, version, created_at, updated_at, deleted_at, kind FROM datasets",
        clear: "DELETE FROM datasets",
        insert: "INSERT INTO datasets (id, schema_name, name, definition, catalog_name, search_path, columns, owner, version, created_at, updated_at, deleted_at, kind) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        columns: &[
            ("id", Kind::Id),
            ("schema_name", Kind::Text),
            ("name", Kind::Text),
            ("definition", Kind::Text),
            ("catalog_name", Kind::Text),
            ("search_path", Kind::Document),
            ("columns", Kind::Document),
            ("owner", Kind::Text),
            ("version", Kind::Number),
            ("created_at", Kind::Time),
            ("updated_at", Kind::Time),
            ("deleted_at", Kind::Time),
            ("kind", Kind::Text),
        ],
    },
    Table {
        select: "SELECT dataset_id, path, row_count, bytes, added_at FROM lake_files",
        clear: "DELETE FROM lake_files",
        insert: "INSERT INTO lake_files (dataset_id, path, row_count, bytes, added_at) VALUES ($1, $2, $3, $4, $5)",
        columns: &[
            ("dataset_id", Kind::Id),
            ("path", Kind::Text),
            ("row_count", Kind::Number),
            ("bytes", Kind::Number),
            ("added_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT dataset_id, version, definition, author, created_at FROM dataset_versions",
        clear: "DELETE FROM dataset_versions",
        insert: "INSERT INTO dataset_versions (dataset_id, version, definition, author, created_at) VALUES ($1, $2, $3, $4, $5)",
        columns: &[
            ("dataset_id", Kind::Id),
            ("version", Kind::Number),
            ("definition", Kind::Text),
            ("author", Kind::Text),
            ("created_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT dataset_id, column_name, source_catalog, source_schema, source_table, source_column FROM lineage",
        clear: "DELETE FROM lineage",
        insert: "INSERT INTO lineage (dataset_id, column_name, source_catalog, source_schema, source_table, source_column) VALUES ($1, $2, $3, $4, $5, $6)",
        columns: &[
            ("dataset_id", Kind::Id),
            ("column_name", Kind::Text),
            ("source_catalog", Kind::Text),
            ("source_schema", Kind::Text),
            ("source_table", Kind::Text),
            ("source_column", Kind::Text),
        ],
    },
    Table {
        select: "SELECT catalog_id, schema_name, table_name, state, error, changed_by, changed_at FROM managed",
        clear: "DELETE FROM managed",
        insert: "INSERT INTO managed (catalog_id, schema_name, table_name, state, error, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        columns: &[
            ("catalog_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("state", Kind::Text),
            ("error", Kind::Text),
            ("changed_by", Kind::Text),
            ("changed_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT catalog_id, schema_name, table_name, column_name, comment, folder, author, updated_at FROM annotations",
        clear: "DELETE FROM annotations",
        insert: "INSERT INTO annotations (catalog_id, schema_name, table_name, column_name, comment, folder, author, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        columns: &[
            ("catalog_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("column_name", Kind::Text),
            ("comment", Kind::Text),
            ("folder", Kind::Text),
            ("author", Kind::Text),
            ("updated_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT catalog_id, schema_name, table_name, column_name, name, value, author, updated_at FROM tags",
        clear: "DELETE FROM tags",
        insert: "INSERT INTO tags (catalog_id, schema_name, table_name, column_name, name, value, author, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        columns: &[
            ("catalog_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("column_name", Kind::Text),
            ("name", Kind::Text),
            ("value", Kind::Text),
            ("author", Kind::Text),
            ("updated_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT role_name, catalog_id, schema_name, table_name, created_at FROM favorites",
        clear: "DELETE FROM favorites",
        insert: "INSERT INTO favorites (role_name, catalog_id, schema_name, table_name, created_at) VALUES ($1, $2, $3, $4, $5)",
        columns: &[
            ("role_name", Kind::Text),
            ("catalog_id", Kind::Id),
            ("schema_name", Kind::Text),
            ("table_name", Kind::Text),
            ("created_at", Kind::Time),
        ],
    },
    Table {
        select: "SELECT path, comment, owner, created_at FROM folders",
        clear: "DELETE FROM folders",
        insert: "INSERT INTO folders (path, comment, owner, created_at) VALUES ($1, $2, $3, $4)",
        columns: &[("path", Kind::Text), ("comment", Kind::Text), ("owner", Kind::Text), ("created_at", Kind::Time)],
    },
    Table {
        select: "SELECT number, major, minor, patch, part, object, changed_by, changed_at FROM versions",
        clear: "DELETE FROM versions",
        insert: "INSERT INTO versions (number, major, minor, patch, part, object, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        columns: &[
            ("number", Kind::Number),
            ("major", Kind::Number),
            ("minor", Kind::Number),
            ("patch", Kind::Number),
            ("part", Kind::Text),
            ("object", Kind::Text),
            ("changed_by", Kind::Text),
            ("changed_at", Kind::Time),
        ],
    },
];
