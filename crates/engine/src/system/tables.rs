//! The system tables that users see, in the catalog `system`.

use super::{TableDoc, system_table};
use chrono::{DateTime, Utc};

system_table! {
    /// Every catalog: the sources, and Weft's own.
    "metadata"."catalogs" => CatalogRow {
        /// Name, as in `catalog.schema.table`.
        catalog_name: String,
        /// Kind of source: `file`, or `lake` and `system` for Weft's own.
        kind: String,
        /// `healthy`, or `unreachable` if its source could not be opened or listed.
        state: String,
        /// The last error of its source.
        last_error: Option<String>,
        /// When it was created.
        created_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// Every schema of every catalog.
    "metadata"."schemas" => SchemaRow {
        /// Its catalog.
        catalog_name: String,
        /// Its name.
        schema_name: String,
    }
}

system_table! {
    /// Every table of every catalog.
    "metadata"."tables" => TableRow {
        /// Its catalog.
        catalog_name: String,
        /// Its schema.
        schema_name: String,
        /// Its name.
        table_name: String,
        /// `BASE TABLE` or `VIEW`.
        table_type: String,
        /// What is known of it in words.
        comment: Option<String>,
        /// Files that it is made of.
        files: Option<i64>,
        /// Bytes of those files.
        bytes: Option<i64>,
        /// Last change of any of them.
        updated_at: Option<DateTime<Utc>>,
        /// Why it cannot be read, if so.
        error: Option<String>,
    }
}

system_table! {
    /// Every column of every readable table.
    "metadata"."columns" => ColumnRow {
        /// Its catalog.
        catalog_name: String,
        /// Its schema.
        schema_name: String,
        /// Its table.
        table_name: String,
        /// Its name.
        column_name: String,
        /// Its place in the table, from 1.
        ordinal_position: i32,
        /// Its type, as SQL spells it.
        data_type: String,
        /// Whether it may be NULL.
        is_nullable: bool,
        /// What is known of it in words.
        comment: Option<String>,
    }
}

system_table! {
    /// The sessions of this gateway.
    "runtime"."sessions" => SessionRow {
        /// Number of the session, as `pg_backend_pid()` gives it.
        pid: i32,
        /// Who is logged in.
        user_name: String,
        /// The catalog chosen at start.
        catalog_name: String,
        /// Address of the client.
        client_address: Option<String>,
        /// What the client calls itself.
        application_name: String,
        /// `active`, `idle`, `idle in transaction` or `idle in transaction (aborted)`.
        state: String,
        /// The statement that runs or ran last, without secrets.
        statement: String,
        /// When the session began.
        started_at: DateTime<Utc>,
    }
}

system_table! {
    /// The DuckDB workers that scan files.
    "runtime"."workers" => WorkerRow {
        /// Name of the worker.
        worker_id: String,
        /// `active`, `draining` or `gone`.
        state: String,
        /// Where it is: `embedded` in the gateway.
        address: String,
        /// Version of its DuckDB.
        duckdb_version: String,
    }
}

system_table! {
    /// The roles that may log in or own things.
    "admin"."roles" => RoleRow {
        /// Name of the role.
        role_name: String,
        /// Whether nothing is forbidden to it.
        is_superuser: bool,
        /// Whether it may log in.
        can_login: bool,
        /// When it was created.
        created_at: DateTime<Utc>,
    }
}

system_table! {
    /// The settings with which this gateway was started. Secrets are not shown.
    "admin"."settings" => SettingRow {
        /// Name, as in `weft.toml`.
        setting_name: String,
        /// Value in force.
        value: String,
        /// Value when nothing is set.
        default_value: String,
        /// What it does.
        comment: String,
    }
}

/// Every table of this module: the one list that registers them.
pub fn declared() -> Vec<TableDoc> {
    vec![
        TableDoc::of::<CatalogRow>(),
        TableDoc::of::<SchemaRow>(),
        TableDoc::of::<TableRow>(),
        TableDoc::of::<ColumnRow>(),
        TableDoc::of::<SessionRow>(),
        TableDoc::of::<WorkerRow>(),
        TableDoc::of::<RoleRow>(),
        TableDoc::of::<SettingRow>(),
    ]
}
