//! The rows about workers and about Redis, where they register. Neither asks anybody: both are told from memory.

use super::rows::as_count;
use super::tables::{CacheRow, HealthRow, TaskRow, WorkerRow};
use crate::environment::Environment;
use std::sync::Arc;
use std::thread::available_parallelism;
use weft_core::executor::Executor;
use weft_core::report::{Attempt, Outcome};
use weft_core::worker::{CacheFigures, Worker};
use weft_fleet::registry::Condition;
use weft_fleet::{Record, Task};

/// The embedded worker, those that have registered, and those that fell silent lately.
pub(super) fn workers(environment: &Environment) -> Vec<WorkerRow> {
    let gateway = &environment.gateway;
    let mut rows = vec![embedded(environment)];
    rows.extend(gateway.fleet().workers().into_iter().map(|known| remote(known.record, known.state)));
    rows.extend(gateway.registry().gone().iter().map(|record| remote(record.clone(), "gone")));
    rows
}

/// What workers keep of objects.
pub(super) fn caches(environment: &Environment) -> Vec<CacheRow> {
    let row = |cache: CacheFigures| CacheRow {
        worker_id: cache.worker,
        entries: as_count(cache.entries),
        bytes: as_count(cache.bytes),
        max_bytes: as_count(cache.max_bytes),
        hits: as_count(cache.hits),
        misses: as_count(cache.misses),
        cached_bytes: as_count(cache.cached_bytes),
        fetched_bytes: as_count(cache.fetched_bytes),
        evicted_bytes: as_count(cache.evicted_bytes),
        damaged: as_count(cache.damaged),
        unwritten: as_count(cache.unwritten),
    };
    environment.gateway.fleet().caches().into_iter().map(row).collect()
}

fn embedded(environment: &Environment) -> WorkerRow {
    let (gateway, settings) = (&environment.gateway, environment.gateway.settings());
    let id = gateway.fleet().id();
    let here = |task: &Task| {
        let attempts = task.report.attempts();
        attempts.iter().filter(|a| &*a.worker == id && a.outcome == Outcome::Running).count()
    };
    let running: usize = gateway.fleet().tasks().iter().map(|task| here(task)).sum();
    let cores = match settings.duckdb_threads {
        0 => available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    WorkerRow {
        worker_id: id.to_owned(),
        kind: "embedded".to_owned(),
        state: "active".to_owned(),
        address: None,
        cores: as_count(cores as u64),
        memory_bytes: as_count(settings.duckdb_memory.0),
        running: as_count(running as u64),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        duckdb_version: weft_duck::library_version(),
        file_roots: settings.file_roots.0.iter().map(|root| root.display().to_string()).collect(),
        started_at: gateway.started_at(),
        heartbeat_at: None,
    }
}

fn remote(record: Record, state: &str) -> WorkerRow {
    WorkerRow {
        worker_id: record.id,
        kind: "remote".to_owned(),
        state: state.to_owned(),
        address: Some(record.address),
        cores: as_count(record.cores as u64),
        memory_bytes: as_count(record.memory_bytes),
        running: as_count(record.running),
        version: record.version,
        duckdb_version: record.duckdb_version,
        file_roots: record.file_roots,
        started_at: record.started_at,
        heartbeat_at: Some(record.heartbeat_at),
    }
}

/// What workers had to do, the latest last.
pub(super) fn tasks(environment: &Environment) -> Vec<TaskRow> {
    // Statements of others, with what they look for, are for superusers.
    if !environment.viewer().is_everything() {
        return Vec::new();
    }
    let rows = |task: Arc<Task>| {
        let attempts = task.report.attempts().into_iter().enumerate();
        attempts.map(|(i, attempt)| task_row(&task, i + 1, attempt)).collect::<Vec<_>>()
    };
    environment.gateway.fleet().tasks().into_iter().flat_map(rows).collect()
}

fn task_row(task: &Task, number: usize, attempt: Attempt) -> TaskRow {
    let (state, error) = match attempt.outcome {
        Outcome::Running => ("running", None),
        Outcome::Finished => ("finished", None),
        Outcome::Abandoned => ("abandoned", None),
        Outcome::Failed(why) => ("failed", Some(why)),
    };
    TaskRow {
        task_id: as_count(task.id),
        attempt: as_count(number as u64),
        worker_id: attempt.worker.to_string(),
        state: state.to_owned(),
        statement: task.sql.clone(),
        files: as_count(task.files as u64),
        input_bytes: as_count(task.bytes),
        rows: as_count(attempt.rows),
        bytes: as_count(attempt.bytes),
        cached_bytes: as_count(attempt.cached_bytes),
        fetched_bytes: as_count(attempt.fetched_bytes),
        error,
        started_at: attempt.started_at,
        ended_at: attempt.ended_at,
    }
}

/// Redis is something that can be away, too.
pub(super) fn redis(environment: &Environment) -> Option<HealthRow> {
    let status = environment.gateway.registry().status();
    let state = match status.condition {
        Condition::InProcess => return None,
        Condition::Connecting => "unknown",
        Condition::Connected => "healthy",
        Condition::Away => "unreachable",
    };
    let last_error = status.error.filter(|_| status.condition == Condition::Away).map(|error| {
        let (message, detail) = (error.message(), error.detail().unwrap_or_default());
        let since = status.since.format("%Y-%m-%d %H:%M:%S");
        format!("{message} since {since} UTC: workers that were known before go on. {detail}")
    });
    Some(HealthRow {
        catalog_name: "(redis)".to_owned(),
        state: state.to_owned(),
        latency_ms: status.latency.map(|l| l.as_secs_f64() * 1000.0),
        version: None,
        failures: i64::from(status.failures),
        last_error,
        checked_at: if status.condition == Condition::Connected { status.answered_at } else { Some(status.since) },
    })
}
