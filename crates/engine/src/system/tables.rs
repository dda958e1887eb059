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
        /// Files of its tables, where they are made of files.
        files: Option<i64>,
        /// How many files have each format, as JSON: `{"csv": 2, "parquet": 10}`.
        formats: Option<String>,
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
        /// `unmanaged`: it cannot be queried; `pending`, `scanning`, `ready` or `failed`: it can, and so far has the look at it come.
        state: String,
        /// What is known of it in words.
        comment: Option<String>,
        /// The folder in which it lies.
        folder: Option<String>,
        /// Files that it is made of.
        files: Option<i64>,
        /// Bytes of those files.
        bytes: Option<i64>,
        /// Last change of any of them.
        updated_at: Option<DateTime<Utc>>,
        /// Why it cannot be read, if so.
        error: Option<String>,
        /// 1: only its schema was scanned; 2: it was scanned itself. Nothing: neither.
        scan_level: Option<i32>,
        /// When that was.
        scanned_at: Option<DateTime<Utc>>,
        /// `manual`, or `auto` for a scan by a schedule.
        scan_method: Option<String>,
        /// What its statistics are taken from: `full`: all rows, `sample`: some; `basic`: there are none.
        method: Option<String>,
        /// Whether the scan has found all that it set out to find, and the table's files are still those that it read, as far as they were listed since.
        is_complete: Option<bool>,
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
        /// Expression of its default, in the words of the source; known after a scan.
        column_default: Option<String>,
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
        /// `manual`, or `auto` for one that a schedule began.
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
        /// Tables whose statistics it took.
        analyzed: i64,
        /// Tables of which it could not take them.
        failed: i64,
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
        /// What reads the table, be it by way of others: views, and schedules that name it. Of a table that is gone, also what was granted on it.
        affects: Vec<String>,
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
    /// Datasets: queries that are kept as views of the catalog `lake`.
    "metadata"."datasets" => DatasetRow {
        /// Its schema.
        schema_name: String,
        /// Its name.
        dataset_name: String,
        /// Its query.
        definition: String,
        /// The catalog in which names of the query are looked up.
        looked_up_in: String,
        /// The schemas in which they are looked up.
        search_path: Vec<String>,
        /// Which of its queries this is, from 1.
        version: i64,
        /// Who created it.
        owner: String,
        /// When it was created.
        created_at: DateTime<Utc>,
        /// When it was changed last.
        updated_at: DateTime<Utc>,
    }
}

system_table! {
    /// Columns of datasets, with what was told of them.
    "metadata"."dataset_columns" => DatasetColumnRow {
        /// Schema of the dataset.
        schema_name: String,
        /// The dataset.
        dataset_name: String,
        /// Its name.
        column_name: String,
        /// Its place, from 1.
        ordinal_position: i32,
        /// Its type when the dataset was created.
        data_type: String,
        /// `dimension` or `measure`.
        role: Option<String>,
        /// How its values are to be written.
        format: Option<String>,
        /// How its values are put together, unless said otherwise.
        aggregate: Option<String>,
    }
}

system_table! {
    /// Where datasets and their columns come from.
    "metadata"."lineage" => LineageRow {
        /// Catalog of the dataset.
        catalog_name: String,
        /// Its schema.
        schema_name: String,
        /// Its name.
        object_name: String,
        /// Its column; NULL for its rows.
        column_name: Option<String>,
        /// Catalog of what it reads.
        source_catalog: String,
        /// Schema of it.
        source_schema: String,
        /// The table or view that it reads.
        source_table: String,
        /// The column of it; NULL for its rows.
        source_column: Option<String>,
    }
}

system_table! {
    /// Tags of catalogs, schemas, tables and columns.
    "metadata"."tags" => TagRow {
        /// The catalog.
        catalog_name: String,
        /// Its schema.
        schema_name: Option<String>,
        /// Its table.
        table_name: Option<String>,
        /// Its column.
        column_name: Option<String>,
        /// Name of the tag.
        tag_name: String,
        /// Its value.
        value: String,
        /// Who gave it last.
        author: String,
        /// When.
        updated_at: DateTime<Utc>,
    }
}

system_table! {
    /// Figures of columns, as ANALYZE and scans took them.
    "metadata"."statistics" => StatisticsRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// The column.
        column_name: String,
        /// Rows of the table; of a sample, what the source believes them to be, if it believes anything.
        row_count: Option<i64>,
        /// The part of the rows that were read in which it is NULL, from 0 to 1. Nothing: there are no rows.
        null_ratio: Option<f64>,
        /// Different values in the rows that were read, without NULL. Nothing: its type has no equality.
        distinct_count: Option<i64>,
        /// Its least value in them, as text of at most 256 letters. Nothing: its type has no order, or there is no value.
        min_value: Option<String>,
        /// Its greatest value in them.
        max_value: Option<String>,
        /// `full`: all rows were read; `sample`: the first of them.
        method: String,
        /// Rows that were read.
        sampled_rows: i64,
        /// When.
        analyzed_at: DateTime<Utc>,
    }
}

system_table! {
    /// Folders over all catalogs.
    "metadata"."folders" => FolderRow {
        /// Its path.
        folder_path: String,
        /// What it is, in words.
        comment: Option<String>,
        /// Things that lie in it.
        objects: i64,
        /// Who created it.
        owner: String,
        /// When it was created.
        created_at: DateTime<Utc>,
    }
}

system_table! {
    /// What the current user wants to find again.
    "metadata"."favorites" => FavoriteRow {
        /// The catalog.
        catalog_name: String,
        /// Its schema.
        schema_name: Option<String>,
        /// Its table.
        table_name: Option<String>,
    }
}

system_table! {
    /// Values of columns in the first rows that ANALYZE and scans found: at most 1000. The oldest go when all of them are more than `sample_bytes`.
    "metadata"."samples" => SampleRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// The column.
        column_name: String,
        /// The values, as texts of at most 256 letters, in the order of the rows: the first of each column are of one row.
        sample_values: Vec<Option<String>>,
        /// When they were read.
        sampled_at: DateTime<Utc>,
    }
}

system_table! {
    /// The files that tables are made of, as the last scan listed them: at most `scan_files` of a scan.
    "metadata"."files" => FileRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table that it belongs to.
        table_name: String,
        /// Where it is: a path, or `s3://bucket/key`.
        path: String,
        /// Its format: `parquet`, `csv` or `json`.
        format: String,
        /// Its size in bytes.
        bytes: i64,
        /// What an object store calls its content.
        etag: Option<String>,
        /// Its last change.
        modified_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// Long work, the newest first: what runs, and what has run.
    "history"."jobs" => JobRow {
        /// Its id, for CANCEL JOB.
        job_id: String,
        /// `scan` or `analyze`.
        kind: String,
        /// The catalog that it works on.
        catalog_name: Option<String>,
        /// `running`, `succeeded`, `failed`, `cancelled`, or `interrupted`: its gateway has gone.
        state: String,
        /// What has been done: tables of a scan, once more for each that is analysed.
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
        /// What kind of thing was changed: `layout`, `catalogs`, `roles`, `grants`, `secrets`, `schedules`, `datasets`, `annotations`, `managed` or `scans`.
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
        /// When its transaction began, if it is in one.
        transaction_started_at: Option<DateTime<Utc>>,
        /// When the statement that runs or ran last began.
        statement_started_at: Option<DateTime<Utc>>,
        /// When it became active or idle.
        state_changed_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// What workers have to do and had to do lately: a row for each attempt at a statement or a part of one. `task_history` bounds it.
    "runtime"."tasks" => TaskRow {
        /// Counts up from the start of the gateway.
        task_id: i64,
        /// Which attempt at it this is, from 1.
        attempt: i64,
        /// The worker.
        worker_id: String,
        /// `running`, `finished`, `abandoned` (no more rows were wanted) or `failed`.
        state: String,
        /// The statement in DuckDB's words.
        statement: String,
        /// Files that it reads.
        files: i64,
        /// Bytes of these files.
        input_bytes: i64,
        /// Rows that came so far.
        rows: i64,
        /// Bytes of these rows in memory.
        bytes: i64,
        /// Why it failed.
        error: Option<String>,
        /// When the attempt began.
        started_at: DateTime<Utc>,
        /// When it ended.
        ended_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// The DuckDB workers that scan files: the embedded one, and those that have registered in Redis. While Redis is away, those that were known before.
    "runtime"."workers" => WorkerRow {
        /// Name of the worker.
        worker_id: String,
        /// `embedded` in this gateway, or `remote`: registered in Redis.
        kind: String,
        /// `active`; `draining`: it takes no more statements; `quarantined`: it failed lately and is left alone for a while; `skewed`: its program is of
        /// another version; `gone`: it fell silent within the last minutes.
        state: String,
        /// Where it takes statements: `host:port`.
        address: Option<String>,
        /// Threads that execute statements.
        cores: i64,
        /// Bytes of memory before it spills.
        memory_bytes: i64,
        /// Statements that it runs, of any gateway; of the embedded worker, those that are still in `system.runtime.tasks`.
        running: i64,
        /// Version of its program.
        version: String,
        /// Version of its DuckDB.
        duckdb_version: String,
        /// Folders whose files it sees.
        file_roots: Vec<String>,
        /// When it started.
        started_at: DateTime<Utc>,
        /// When a remote one gave its last sign of life, by its own clock.
        heartbeat_at: Option<DateTime<Utc>>,
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
    /// What is known of each source's health, and as `(metastore)` of a metastore on a server, which is `degraded` while its copy answers, and as `(redis)` of Redis, if workers register there. Each is asked from time to time (`health_interval`); this table asks nobody.
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
    /// Statements that were given to this gateway while the metastore was away (`metastore_writes`), and what has become of them. They are run in the order in which they were given.
    "runtime"."journal" => JournalRow {
        /// Id.
        id: String,
        /// The statement, without what is secret in it.
        statement: String,
        /// Who gave it.
        user_name: String,
        /// When.
        journalled_at: DateTime<Utc>,
        /// `pending`: it waits and is not in force; `applied`; `conflict`: it could not be done, for somebody else has changed something meanwhile.
        state: String,
        /// Why it could not be done.
        error: Option<String>,
        /// When it was run.
        applied_at: Option<DateTime<Utc>>,
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
        /// Whether it has a password; without one it cannot log in but where none is asked for.
        has_password: bool,
        /// The roles of which it is a member.
        member_of: Vec<String>,
        /// Sessions that it may have at once on one gateway.
        connection_limit: Option<i64>,
        /// When its password expires.
        valid_until: Option<DateTime<Utc>>,
        /// Session variables with which its sessions begin, as `name=value`.
        variables: Vec<String>,
        /// When it was created.
        created_at: DateTime<Utc>,
    }
}

system_table! {
    /// Who is a member of which role.
    "admin"."role_members" => MemberRow {
        /// The role.
        role_name: String,
        /// Its member, which may do what the role may.
        member_name: String,
        /// Whether the member may give the role to others.
        is_admin: bool,
        /// Who made it a member.
        grantor: String,
    }
}

system_table! {
    /// What was granted to whom. A privilege on a catalog or schema is one on everything in it.
    "admin"."grants" => GrantRow {
        /// The role, or `PUBLIC`, which is everybody.
        grantee: String,
        /// `USAGE`, `SELECT`, `INSERT`, `PREVIEW`, `SCAN` or `MANAGE`.
        privilege: String,
        /// `catalog`, `schema`, `table` or `view`.
        object_type: String,
        /// The catalog.
        catalog_name: String,
        /// Its schema, if it is on one or on something in it.
        schema_name: Option<String>,
        /// The table or view, if it is on one.
        object_name: Option<String>,
        /// Whether the role may grant it to others.
        is_grantable: bool,
        /// Who granted it.
        grantor: String,
        /// When.
        granted_at: DateTime<Utc>,
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
        TableDoc::of::<DatasetRow>(),
        TableDoc::of::<DatasetColumnRow>(),
        TableDoc::of::<LineageRow>(),
        TableDoc::of::<TagRow>(),
        TableDoc::of::<FolderRow>(),
        TableDoc::of::<FavoriteRow>(),
        TableDoc::of::<VersionRow>(),
        TableDoc::of::<StatisticsRow>(),
        TableDoc::of::<SampleRow>(),
        TableDoc::of::<FileRow>(),
        TableDoc::of::<JobRow>(),
        TableDoc::of::<SessionRow>(),
        TableDoc::of::<GatewayRow>(),
        TableDoc::of::<TaskRow>(),
        TableDoc::of::<WorkerRow>(),
        TableDoc::of::<PoolRow>(),
        TableDoc::of::<HealthRow>(),
        TableDoc::of::<JournalRow>(),
        TableDoc::of::<SecretRow>(),
        TableDoc::of::<ScheduleRow>(),
        TableDoc::of::<RoleRow>(),
        TableDoc::of::<MemberRow>(),
        TableDoc::of::<GrantRow>(),
        TableDoc::of::<SettingRow>(),
    ]
}
