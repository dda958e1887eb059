//! The figures of the gateway by name, as monitoring wants them: counters since its start, and gauges of the moment. Nobody is asked for them: all come from
//! memory. It must not know in which form they leave.

use super::workers::{caches, workers};
use super::{sources, tables::MetricRow};
use crate::counts::BOUNDS;
use crate::environment::Environment;
use crate::gateway::Gateway;
use crate::principals::Rights;
use crate::variables::Variables;
use std::collections::BTreeMap;
use std::sync::Arc;
use weft_core::Result;

/// What becomes of a value from one reading to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, until the gateway starts again.
    Counter,
    /// It is as it is now.
    Gauge,
    /// It has classes, labelled `le` by their upper bounds, each with what is below; a sum; and a count.
    Histogram,
}

impl Kind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// A metric, with its values.
#[derive(Debug, Clone)]
pub struct Metric {
    /// Its name, with its unit.
    pub name: &'static str,
    /// What it tells.
    pub help: &'static str,
    /// What becomes of it.
    pub kind: Kind,
    /// Its values.
    pub samples: Vec<Sample>,
}

/// A value of a metric.
#[derive(Debug, Clone)]
pub struct Sample {
    /// What stands behind the metric's name: `_bucket`, `_sum` or `_count` of a histogram.
    pub suffix: &'static str,
    /// Which of its values it is.
    pub labels: Vec<(&'static str, String)>,
    /// The value.
    pub value: f64,
}

impl Sample {
    fn plain(value: f64) -> Sample {
        Sample { suffix: "", labels: Vec::new(), value }
    }

    fn of(labels: &[(&'static str, &str)], value: f64) -> Sample {
        let labels = labels.iter().map(|(label, text)| (*label, (*text).to_owned())).collect();
        Sample { suffix: "", labels, value }
    }
}

fn metric(name: &'static str, kind: Kind, help: &'static str, samples: Vec<Sample>) -> Metric {
    Metric { name, help, kind, samples }
}

/// All figures of the gateway.
pub async fn of(gateway: &Arc<Gateway>) -> Result<Vec<Metric>> {
    let variables = Variables::new(gateway.settings(), "weft");
    let environment = gateway.environment("weft", 0, crate::catalog::LAKE, &variables).with(Rights::Everything);
    metrics(&environment).await
}

/// Superusers see all of them, others none: they tell what everybody does.
pub(super) async fn rows(environment: &Environment) -> Result<Vec<MetricRow>> {
    if !environment.viewer().is_everything() {
        return Ok(Vec::new());
    }
    let row = |metric: &Metric, sample: Sample| MetricRow {
        metric: format!("{}{}", metric.name, sample.suffix),
        labels: serde_json::to_string(&sample.labels.into_iter().collect::<BTreeMap<_, _>>()).unwrap_or_default(),
        value: sample.value,
        kind: metric.kind.name().to_owned(),
        comment: metric.help.to_owned(),
    };
    let all = metrics(environment).await?.into_iter();
    Ok(all
        .flat_map(|mut m| std::mem::take(&mut m.samples).into_iter().map(|s| row(&m, s)).collect::<Vec<_>>())
        .collect())
}

#[allow(clippy::cast_precision_loss, reason = "figures that are looked at")]
async fn metrics(environment: &Environment) -> Result<Vec<Metric>> {
    let gateway = &environment.gateway;
    let versions = [("version", env!("CARGO_PKG_VERSION")), ("duckdb", &weft_duck::library_version())];
    let started = gateway.started_at().timestamp_millis() as f64 / 1000.0;
    let mut all = vec![
        metric("weft_info", Kind::Gauge, "The version that runs.", vec![Sample::of(&versions, 1.0)]),
        metric("weft_start_time_seconds", Kind::Gauge, "When the gateway started.", vec![Sample::plain(started)]),
    ];
    all.extend(statements(gateway));
    all.extend(sessions(environment));
    all.extend(fleet(environment));
    let health = sources::health(environment).await?;
    let healthy = |state: &str| if matches!(state, "healthy" | "unknown") { 1.0 } else { 0.0 };
    all.push(metric(
        "weft_source_up",
        Kind::Gauge,
        "1 if the source, the metadata store or Redis answers, or was not asked yet.",
        health.iter().map(|row| Sample::of(&[("source", &row.catalog_name)], healthy(&row.state))).collect(),
    ));
    all.extend(pools(environment));
    if let Some(bytes) = resident() {
        let help = "Bytes of memory that the process has.";
        all.push(metric("weft_resident_memory_bytes", Kind::Gauge, help, vec![Sample::plain(bytes)]));
    }
    Ok(all)
}

#[allow(clippy::cast_precision_loss, reason = "figures that are looked at")]
fn pools(environment: &Environment) -> Vec<Metric> {
    let pools = super::pools::pools(environment);
    let stores = pools.iter().filter(|pool| pool.checks.is_some());
    let up = stores.map(|pool| {
        let serving = if pool.serving { "true" } else { "false" };
        let labels = [("source", pool.catalog_name.as_str()), ("role", &pool.role), ("serving", serving)];
        Sample::of(&labels, f64::from(u8::from(pool.state != "unhealthy")))
    });
    let up = up.collect();
    let databases = || pools.iter().filter_map(|pool| Some((pool, pool.open_connections?, pool.idle_connections?)));
    let connections = databases().flat_map(|(pool, open, idle)| {
        let of = |state, n: i64| Sample::of(&[("source", &pool.catalog_name), ("state", state)], n as f64);
        [of("idle", idle), of("busy", open - idle)]
    });
    let waiting = databases()
        .map(|(pool, ..)| Sample::of(&[("source", &pool.catalog_name)], pool.waiting.unwrap_or_default() as f64));
    vec![
        metric("weft_store_up", Kind::Gauge, "1 if the object store answers, or was not asked yet.", up),
        metric("weft_source_connections", Kind::Gauge, "Connections to databases.", connections.collect()),
        metric("weft_source_waiting", Kind::Gauge, "Statements that wait for a connection.", waiting.collect()),
    ]
}

#[allow(clippy::cast_precision_loss, reason = "figures that are looked at")]
fn statements(gateway: &Gateway) -> Vec<Metric> {
    let now = gateway.counts().now();
    let failed: u64 = now.failed.values().sum();
    let outcomes = [("finished", now.finished), ("abandoned", now.abandoned), ("failed", failed)];
    let outcomes = outcomes.map(|(outcome, n)| Sample::of(&[("outcome", outcome)], n as f64)).to_vec();
    let errors = now.failed.iter().map(|(state, n)| Sample::of(&[("sqlstate", state)], *n as f64)).collect();
    let plain = |n: u64| vec![Sample::plain(n as f64)];
    let mut below = 0;
    let bounds = BOUNDS.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
    let mut classes: Vec<_> = bounds
        .zip(&now.classes)
        .map(|(bound, n)| {
            below += n;
            Sample { suffix: "_bucket", ..Sample::of(&[("le", &bound)], below as f64) }
        })
        .collect();
    classes.push(Sample { suffix: "_sum", ..Sample::plain(now.total.as_secs_f64()) });
    classes.push(Sample { suffix: "_count", ..Sample::plain(below as f64) });
    vec![
        metric("weft_statements_total", Kind::Counter, "Statements that have ended, by how.", outcomes),
        metric("weft_statement_errors_total", Kind::Counter, "Statements that failed, by SQLSTATE.", errors),
        metric(
            "weft_statement_seconds",
            Kind::Histogram,
            "How long executed statements took, to their last row.",
            classes,
        ),
        metric("weft_rows_total", Kind::Counter, "Rows that statements returned.", plain(now.rows)),
        metric("weft_row_bytes_total", Kind::Counter, "Bytes of these rows in memory.", plain(now.bytes)),
        metric(
            "weft_statements_running",
            Kind::Gauge,
            "Statements that run.",
            plain(gateway.counts().running() as u64),
        ),
        metric("weft_logins_total", Kind::Counter, "Sessions that began.", plain(now.logins)),
        metric("weft_logins_refused_total", Kind::Counter, "Logins that were refused.", plain(now.refused)),
    ]
}

#[allow(clippy::cast_precision_loss, reason = "figures that are looked at")]
fn sessions(environment: &Environment) -> Vec<Metric> {
    let mut states = BTreeMap::from([("active".to_owned(), 0), ("idle".to_owned(), 0)]);
    for session in super::rows::sessions(environment) {
        *states.entry(session.state).or_insert(0) += 1;
    }
    let samples = states.iter().map(|(state, n)| Sample::of(&[("state", state)], f64::from(*n))).collect();
    let max = environment.gateway.settings().max_connections as f64;
    vec![
        metric("weft_sessions", Kind::Gauge, "Sessions that are open, by what they do.", samples),
        metric("weft_sessions_max", Kind::Gauge, "As many as there may be.", vec![Sample::plain(max)]),
    ]
}

#[allow(clippy::cast_precision_loss, reason = "figures that are looked at")]
fn fleet(environment: &Environment) -> Vec<Metric> {
    let workers = workers(environment);
    let mut states: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for worker in &workers {
        *states.entry((&worker.kind, &worker.state)).or_default() += 1.0;
    }
    let states = states.iter().map(|((kind, state), n)| Sample::of(&[("kind", kind), ("state", state)], *n)).collect();
    let running = workers.iter().map(|w| Sample::of(&[("worker", &w.worker_id)], w.running as f64)).collect();
    let caches = caches(environment);
    let of = |figure: fn(&super::tables::CacheRow) -> i64| {
        caches.iter().map(|cache| Sample::of(&[("worker", &cache.worker_id)], figure(cache) as f64)).collect()
    };
    vec![
        metric("weft_workers", Kind::Gauge, "Workers, by kind and state.", states),
        metric("weft_worker_statements_running", Kind::Gauge, "Statements that each worker runs.", running),
        metric("weft_cache_bytes", Kind::Gauge, "Bytes of objects on each worker's disk.", of(|c| c.bytes)),
        metric("weft_cache_max_bytes", Kind::Gauge, "As many as there may be.", of(|c| c.max_bytes)),
        metric("weft_cache_read_bytes_total", Kind::Counter, "Bytes that the caches had.", of(|c| c.cached_bytes)),
        metric("weft_cache_fetched_bytes_total", Kind::Counter, "Bytes that were fetched.", of(|c| c.fetched_bytes)),
    ]
}

/// Source: proc_pid_statm(5): the second number counts pages of 4 KiB.
fn resident() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(told.split(' ').nth(1)?.parse::<f64>().ok()? * 4096.0)
}
