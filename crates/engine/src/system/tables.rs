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
        /// `healthy`, `degraded`, `unreachable`, `disabled`, or `unknown` until its source was first asked. Details: `system.runtime.health`.
        state: String,
        /// Why it is not healthy.
        last_error: Option<String>,
        /// Who created it.
        owner: Option<String>,
        /// When it was created.
        created_at: Option<DateTime<Utc>>,
        /// When it was changed last.
        updated_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// Every schema of every catalog.
    "metadata"."schemas" => SchemaRow {
        /// Its catalog.
        catalog_name: String,
        /// Its name.
        schema_name: String,
        /// Tables and views in it, as the last scan found them.
        tables: Option<i64>,
        /// Their bytes, as the last scan found them.
        bytes: Option<i64>,
        /// The last change of any of them, where the source tells.
        updated_at: Option<DateTime<Utc>>,
        /// When it was scanned last.
        scanned_at: Option<DateTime<Utc>>,
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
    /// Scans of sources, the newest first.
    "metadata"."scans" => ScanRow {
        /// Its id.
        scan_id: String,
        /// The job that did it (`system.history.jobs`).
        job_id: String,
        /// The catalog.
        catalog_name: String,
        /// The schema, if only one was scanned.
        schema_name: Option<String>,
        /// The table, if only one was scanned.
        table_name: Option<String>,
        /// 1: schemas with their sizes; 2: tables with all that belongs to them.
        level: i32,
        /// `manual`, or `auto` for one that nobody asked for.
        method: String,
        /// Whether it came to its end. What another one found is not in force.
        is_complete: bool,
        /// Schemas that it found.
        schemas: i64,
        /// Tables and views that it found.
        tables: i64,
        /// Their columns.
        columns: i64,
        /// Tables that were not there at the scan before.
        added: i64,
        /// Tables that were made of something else at the scan before.
        modified: i64,
        /// Tables that were there at the scan before.
        removed: i64,
        /// When it began.
        started_at: DateTime<Utc>,
        /// When what it found came in force.
        ended_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// What each scan found to be changed since the scan before, the newest first.
    "metadata"."changes" => ChangeRow {
        /// The scan (`system.metadata.scans`).
        scan_id: String,
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// `added`, `modified` or `removed`.
        change: String,
        /// What the table was made of, as JSON: kind, comment, columns, constraints, indexes.
        before: Option<String>,
        /// What it is made of, as JSON.
        after: Option<String>,
        /// When the scan came to its end.
        found_at: DateTime<Utc>,
    }
}

system_table! {
    /// Keys and other conditions of tables, as the last scan of level 2 found them.
    "metadata"."constraints" => ConstraintRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// Its name.
        constraint_name: String,
        /// `PRIMARY KEY`, `UNIQUE`, `FOREIGN KEY`, `CHECK` or `EXCLUDE`.
        constraint_type: String,
        /// The columns that it is about, in their order.
        columns: Vec<String>,
        /// Schema of the table that a foreign key refers to.
        referenced_schema: Option<String>,
        /// That table.
        referenced_table: Option<String>,
        /// Its columns.
        referenced_columns: Vec<String>,
        /// As the source writes it.
        definition: Option<String>,
    }
}

system_table! {
    /// Indexes of tables, as the last scan of level 2 found them.
    "metadata"."indexes" => IndexRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// Its name.
        index_name: String,
        /// Whether no two rows have the same key.
        is_unique: bool,
        /// Its columns, or expressions, in their order.
        columns: Vec<String>,
        /// As the source writes it.
        definition: Option<String>,
    }
}

system_table! {
    /// Long work, the newest first: what runs, and what has run.
    "history"."jobs" => JobRow {
        /// Its id, for CANCEL JOB.
        job_id: String,
        /// `scan`.
        kind: String,
        /// The catalog that it works on.
        catalog_name: Option<String>,
        /// `running`, `succeeded`, `failed`, `cancelled`, or `interrupted`: its gateway has gone.
        state: String,
        /// What has been done: tables of a scan.
        done: i64,
        /// What there is to do, as far as is known.
        total: Option<i64>,
        /// How long it will take, if it goes on as it went.
        remaining_seconds: Option<f64>,
        /// The statement that began it, without secrets.
        statement: String,
        /// Who began it.
        owner: String,
        /// SQLSTATE of what it met.
        sqlstate: Option<String>,
        /// What it met.
        error: Option<String>,
        /// The gateway that runs it, or ran it.
        gateway_id: Option<String>,
        /// The job whose statement this one runs anew, because its gateway has gone.
        retried_of: Option<String>,
        /// When it began.
        created_at: DateTime<Utc>,
        /// When it ended.
        ended_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// The versions of what Weft keeps, the newest first: `major` is the layout of the metastore, `minor` counts changes of definitions, `patch` scans since then.
    "metadata"."versions" => VersionRow {
        /// `major.minor.patch`.
        version: String,
        /// What kind of thing was changed: `layout`, `catalogs`, `roles`, `secrets`, `schedules` or `scans`.
        part: String,
        /// What was changed, by name.
        object_name: String,
        /// Who changed it.
        changed_by: String,
        /// When.
        changed_at: DateTime<Utc>,
    }
}

system_table! {
    /// The gateways that use the metastore. One that has given no sign of life for 20 seconds has gone: another one runs its scans anew.
    "runtime"."gateways" => GatewayRow {
        /// Its id, which it keeps when it starts again.
        gateway_id: String,
        /// Machine and data folder.
        gateway_name: String,
        /// When it started last.
        started_at: DateTime<Utc>,
        /// Its last sign of life.
        seen_at: DateTime<Utc>,
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
    /// The connections of each source that keeps any.
    "runtime"."pools" => PoolRow {
        /// Its catalog.
        catalog_name: String,
        /// The most connections that may be open.
        max_connections: i64,
        /// Open connections that are kept though idle.
        min_connections: i64,
        /// Connections that are open.
        open_connections: i64,
        /// Open connections that nobody uses.
        idle_connections: i64,
        /// Statements that wait for a connection.
        waiting: i64,
        /// How often a connection was handed out since the source was opened.
        acquired: i64,
        /// How often none was to be had in time.
        timed_out: i64,
    }
}

system_table! {
    /// What is known of each source's health, and as `(metastore)` of a metastore on a server, which is `degraded` while its copy answers. Each is asked from time to time (`health_interval`); this table asks nobody.
    "runtime"."health" => HealthRow {
        /// Its catalog.
        catalog_name: String,
        /// `healthy`; `degraded`: slow, or not every node, or something failed since; `unreachable`; `disabled`; `unknown`: not asked yet.
        state: String,
        /// How long its slowest node took to answer, in milliseconds.
        latency_ms: Option<f64>,
        /// Version that the source tells.
        version: Option<String>,
        /// Checks in a row that failed.
        failures: i64,
        /// Why it is not healthy.
        last_error: Option<String>,
        /// When it was asked last.
        checked_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// The secrets that catalogs use by name. Their values are not shown anywhere.
    "admin"."secrets" => SecretRow {
        /// Name.
        secret_name: String,
        /// Kind of source that can use it.
        kind: String,
        /// The options that it has values for.
        options: Vec<String>,
        /// The catalogs that use it.
        used_by: Vec<String>,
        /// Who created it.
        owner: String,
        /// When.
        created_at: DateTime<Utc>,
    }
}

system_table! {
    /// Statements that are run at certain times.
    "admin"."schedules" => ScheduleRow {
        /// Name.
        schedule_name: String,
        /// When, as cron has it.
        cron: String,
        /// Of which zone the times are.
        time_zone: String,
        /// What is run.
        statement: String,
        /// As whom.
        owner: String,
        /// `active` or `paused`.
        state: String,
        /// When it is run next.
        next_run_at: Option<DateTime<Utc>>,
        /// When it was run last.
        last_run_at: Option<DateTime<Utc>>,
        /// What came of that: `succeeded`, or SQLSTATE and message of what it met.
        last_outcome: Option<String>,
        /// When it was created.
        created_at: DateTime<Utc>,
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
        TableDoc::of::<ScanRow>(),
        TableDoc::of::<ChangeRow>(),
        TableDoc::of::<ConstraintRow>(),
        TableDoc::of::<IndexRow>(),
        TableDoc::of::<VersionRow>(),
        TableDoc::of::<JobRow>(),
        TableDoc::of::<SessionRow>(),
        TableDoc::of::<GatewayRow>(),
        TableDoc::of::<WorkerRow>(),
        TableDoc::of::<PoolRow>(),
        TableDoc::of::<HealthRow>(),
        TableDoc::of::<SecretRow>(),
        TableDoc::of::<ScheduleRow>(),
        TableDoc::of::<RoleRow>(),
        TableDoc::of::<SettingRow>(),
    ]
}
