//! What sources and Redis are reached by: the connections of a database, the stores of a catalog of objects. It asks nobody.

use super::rows::as_count;
use super::sources::shown;
use super::system_table;
use crate::catalog::{HealthState, Source};
use crate::environment::Environment;
use chrono::{DateTime, Utc};
use weft_connect::{MemberFigures, PoolFigures};
use weft_core::Error;
use weft_core::store::StoreRole;

system_table! {
    /// What sources are reached by: a row for each object store of a catalog, its backup too, and one for the connections of each database, and as `(redis)` for Redis, if workers register there. Figures are this gateway's, since the catalog was created, altered or opened. This table asks nobody.
    "runtime"."pools" => PoolRow {
        /// Its catalog.
        catalog_name: String,
        /// `primary`, or `backup`: the store that is read while the other one is away.
        role: String,
        /// Kind of the source.
        kind: String,
        /// Where an object store is: endpoint, bucket and prefix.
        address: Option<String>,
        /// `healthy`, `unhealthy`, or `unknown` until it was first asked.
        state: String,
        /// Whether it is the one that is read.
        serving: bool,
        /// How often an object store was asked whether it is there.
        checks: Option<i64>,
        /// Checks and reads of an object store that failed.
        failures: Option<i64>,
        /// Checks that failed since it answered last; of object stores reads, too.
        consecutive_failures: i64,
        /// When it was asked last.
        last_check_at: Option<DateTime<Utc>>,
        /// When the state of an object store changed last.
        last_change_at: Option<DateTime<Utc>>,
        /// How long it took to answer, in milliseconds.
        latency_ms: Option<f64>,
        /// How often reads came to this store from the other one: of a backup fail-overs, of a primary fail-backs.
        failovers: Option<i64>,
        /// What is wrong with it.
        last_error: Option<String>,
        /// The most connections to a database that may be open.
        max_connections: Option<i64>,
        /// Open connections that are kept though idle.
        min_connections: Option<i64>,
        /// Connections that are open.
        open_connections: Option<i64>,
        /// Open connections that nobody uses.
        idle_connections: Option<i64>,
        /// Statements that wait for a connection.
        waiting: Option<i64>,
        /// How often a connection was handed out since the source was opened.
        acquired: Option<i64>,
        /// How often none was to be had in time.
        timed_out: Option<i64>,
    }
}

/// The rows.
pub(super) fn pools(environment: &Environment) -> Vec<PoolRow> {
    let mut rows: Vec<_> = shown(environment).flat_map(|source| of_source(&source)).collect();
    // What Weft itself stands on is its operators' business.
    if environment.viewer().is_everything() {
        rows.extend(super::workers::redis(environment).map(|redis| {
            PoolRow {
                state: match redis.state.as_str() {
                    "healthy" | "degraded" => "healthy",
                    "unreachable" => "unhealthy",
                    _ => "unknown",
                }
                .to_owned(),
                consecutive_failures: redis.failures,
                last_check_at: redis.checked_at,
                latency_ms: redis.latency_ms,
                last_error: redis.last_error,
                ..blank(redis.catalog_name, "redis")
            }
        }));
    }
    rows
}

fn of_source(source: &Source) -> Vec<PoolRow> {
    if let Some(stores) = source.stores() {
        return stores.figures().into_iter().map(|member| of_store(source, member)).collect();
    }
    let pool = source.connector().ok().and_then(|connector| connector.pool());
    pool.map(|pool| of_database(source, pool)).into_iter().collect()
}

fn of_store(source: &Source, member: MemberFigures) -> PoolRow {
    PoolRow {
        role: member.role.to_string(),
        address: Some(member.address),
        state: member.state.to_string(),
        serving: member.serving,
        checks: Some(as_count(member.checks)),
        failures: Some(as_count(member.failures)),
        consecutive_failures: i64::from(member.consecutive_failures),
        last_check_at: member.last_check_at,
        last_change_at: member.last_change_at,
        latency_ms: member.latency.map(|latency| latency.as_secs_f64() * 1000.0),
        failovers: Some(as_count(member.failovers)),
        last_error: member.last_error.as_ref().map(told),
        ..blank(source.name().to_owned(), &source.record.kind)
    }
}

fn of_database(source: &Source, pool: PoolFigures) -> PoolRow {
    let finding = source.finding();
    PoolRow {
        state: match finding.state {
            HealthState::Healthy | HealthState::Degraded => "healthy",
            HealthState::Unreachable => "unhealthy",
            HealthState::Unknown | HealthState::Disabled => "unknown",
        }
        .to_owned(),
        consecutive_failures: i64::from(finding.failures),
        last_check_at: finding.checked_at,
        latency_ms: finding.latency.map(|latency| latency.as_secs_f64() * 1000.0),
        last_error: finding.error.as_ref().map(told),
        max_connections: Some(as_count(pool.max_connections)),
        min_connections: Some(as_count(pool.min_connections)),
        open_connections: Some(as_count(pool.open)),
        idle_connections: Some(as_count(pool.idle)),
        waiting: Some(as_count(pool.waiting)),
        acquired: Some(as_count(pool.acquired)),
        timed_out: Some(as_count(pool.timed_out)),
        ..blank(source.name().to_owned(), &source.record.kind)
    }
}

fn told(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.message()),
        None => error.message().to_owned(),
    }
}

/// The only one of its kind, of which nothing is known.
fn blank(catalog_name: String, kind: &str) -> PoolRow {
    PoolRow {
        catalog_name,
        role: StoreRole::Primary.to_string(),
        kind: kind.to_owned(),
        address: None,
        state: String::new(),
        serving: true,
        checks: None,
        failures: None,
        consecutive_failures: 0,
        last_check_at: None,
        last_change_at: None,
        latency_ms: None,
        failovers: None,
        last_error: None,
        max_connections: None,
        min_connections: None,
        open_connections: None,
        idle_connections: None,
        waiting: None,
        acquired: None,
        timed_out: None,
    }
}
