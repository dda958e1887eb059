//! `system.runtime` and `system.history`: what runs now, and what ran.

use crate::system::system_table;
use chrono::{DateTime, Utc};

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
        /// Bytes of objects that the worker had in its cache.
        cached_bytes: i64,
        /// Bytes of objects that the worker fetched from their stores.
        fetched_bytes: i64,
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
    /// What workers keep of objects on their disks, that inside of the gateway too; no row if one keeps none. Those of registered workers are as of their last
    /// sign of life. What DuckDB has in its memory besides is not counted.
    "runtime"."caches" => CacheRow {
        /// Name of the worker.
        worker_id: String,
        /// Pieces of objects that are kept.
        entries: i64,
        /// Bytes that they take.
        bytes: i64,
        /// As many bytes as they may take: `worker_cache`.
        max_bytes: i64,
        /// Pieces that were wanted and there, since the start.
        hits: i64,
        /// Pieces that were fetched, since the start.
        misses: i64,
        /// Bytes that were read without fetching them, since the start.
        cached_bytes: i64,
        /// Bytes that were fetched from stores, since the start.
        fetched_bytes: i64,
        /// Bytes that made room for others, since the start.
        evicted_bytes: i64,
        /// Pieces that were found damaged and fetched again, since the start.
        damaged: i64,
        /// Pieces that could not be written, as when the disk is full, since the start.
        unwritten: i64,
    }
}

system_table! {
    /// What the HTTP port gives to monitoring at `/metrics`. For superusers.
    "runtime"."metrics" => MetricRow {
        /// Its name, with its unit.
        metric: String,
        /// Which of its values it is, as JSON: `{"outcome": "finished"}`.
        labels: String,
        /// The value.
        value: f64,
        /// `counter` (since the start), `gauge` (now), or `histogram`.
        kind: String,
        /// What it tells.
        comment: String,
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
