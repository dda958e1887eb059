//! The status page: what runs, on which workers, from which sources, and which jobs. It works without JavaScript and asks for nothing else. What it shows, it
//! asks by SQL in the session of whoever looks, so that everybody sees what they may.

use futures::StreamExt;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::sync::Arc;
use weft_core::{Error, Result};
use weft_engine::{Outcome, Session};

/// Seconds after which a browser asks again.
const REFRESH: u32 = 5;

/// Rows of a table, at most. There is SQL for more.
const MOST: usize = 50;

/// A table of the page.
struct Section {
    title: &'static str,
    /// What it says if there is no row.
    none: &'static str,
    /// Its rows, all columns text, those that are told by their name first: `state` chooses a colour.
    sql: &'static str,
}

const SECTIONS: [Section; 5] = [
    Section {
        title: "Statements",
        none: "Nobody is connected.",
        sql: "SELECT state, pid::text, user_name AS \"user\", catalog_name AS catalog, application_name AS application, \
                     date_trunc('second', started_at)::text AS since, left(statement, 500) AS statement \
              FROM system.runtime.sessions WHERE pid <> pg_backend_pid() ORDER BY state, since",
    },
    Section {
        title: "Workers",
        none: "There is none.",
        sql: "SELECT state, worker_id AS worker, kind, address, cores::text, running::text, version, \
                     date_trunc('second', heartbeat_at)::text AS \"last seen\" \
              FROM system.runtime.workers ORDER BY kind, worker_id",
    },
    Section {
        title: "Sources",
        none: "None yet: CREATE CATALOG adds one.",
        sql: "SELECT state, catalog_name AS source, round(latency_ms::numeric, 1)::text AS \"latency ms\", version, \
                     date_trunc('second', checked_at)::text AS \"asked\", last_error AS error \
              FROM system.runtime.health ORDER BY catalog_name",
    },
    Section {
        title: "Jobs",
        none: "There was none.",
        sql: "SELECT state, kind, catalog_name AS catalog, done::text, total::text, owner, \
                     date_trunc('second', created_at)::text AS began, date_trunc('second', ended_at)::text AS ended, \
                     left(statement, 200) AS statement, error \
              FROM system.history.jobs ORDER BY created_at DESC",
    },
    Section {
        title: "Caches of objects",
        none: "There is none.",
        sql: "SELECT worker_id AS worker, round(bytes / 1048576.0, 1)::text AS \"MiB\", round(max_bytes / 1048576.0, 1)::text AS \"of\", \
                     hits::text, misses::text FROM system.runtime.caches ORDER BY worker_id",
    },
];

const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5rem auto; max-width: 90rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 1.5rem 0 .4rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
td:last-child { overflow-wrap: anywhere; }
.active, .healthy, .succeeded, .running { color: #2a8a3e; }
.unreachable, .failed, .gone, .interrupted { color: #c62f2f; }
.degraded, .quarantined, .skewed, .draining, .cancelled { color: #b26a00; }
footer { margin-top: 2rem; opacity: .7; }
";

/// A table as it came.
struct Found {
    columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
    has_more: bool,
}

/// The page as this session sees it.
pub(super) async fn render(session: &Arc<Session>) -> Result<String> {
    let mut sections = Vec::with_capacity(SECTIONS.len());
    for section in &SECTIONS {
        sections.push((section, ask(session, section.sql).await?));
    }
    Ok(whole(&session.user(), &sections).into_string())
}

async fn ask(session: &Arc<Session>, sql: &str) -> Result<Found> {
    let statement = session.statements(sql)?.into_iter().next();
    let statement = statement.ok_or_else(|| Error::internal("the page asks nothing"))?;
    let prepared = session.prepare(statement, &[]).await?;
    let Outcome::Rows(mut rows) = session.execute(&prepared, Vec::new()).await? else {
        return Err(Error::internal("the page asks for no rows"));
    };
    let mut found =
        Found { columns: rows.columns.iter().map(|c| c.name.clone()).collect(), rows: Vec::new(), has_more: false };
    while let Some(batch) = rows.batches.next().await {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            if found.rows.len() == MOST {
                found.has_more = true;
                return Ok(found);
            }
            let cells = batch.columns().iter().map(|column| {
                let text = arrow::util::display::array_value_to_string(column, row);
                text.ok().filter(|_| !column.is_null(row))
            });
            found.rows.push(cells.collect());
        }
    }
    Ok(found)
}

fn whole(user: &str, sections: &[(&Section, Found)]) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="refresh" content=(REFRESH);
                title { "Weft" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Weft " (env!("CARGO_PKG_VERSION")) }
                @for (section, found) in sections { (table(section, found)) }
                footer { "As " (user) " sees it; anew every " (REFRESH) " seconds. The same and more: the tables of system.runtime. For Prometheus: /metrics." }
            }
        }
    }
}

fn table(section: &Section, found: &Found) -> Markup {
    html! {
        h2 { (section.title) }
        @if found.rows.is_empty() {
            p { (section.none) }
        } @else {
            div.wide {
                table {
                    thead { tr { @for column in &found.columns { th scope="col" { (column) } } } }
                    tbody {
                        @for row in &found.rows {
                            tr {
                                @for (column, cell) in found.columns.iter().zip(row) {
                                    @let text = cell.as_deref().unwrap_or_default();
                                    @if column == "state" { td class=(text) { (text) } } @else { td { (text) } }
                                }
                            }
                        }
                    }
                }
            }
            @if found.has_more { p { "And more: these are the first " (MOST) "." } }
        }
    }
}
