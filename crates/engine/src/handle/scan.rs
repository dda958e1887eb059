//! SCAN: asks a source what it holds and keeps it, as a job. What was known before stays whole until the new is complete.

use super::{Done, answer};
use crate::catalog::Source;
use crate::jobs::{Progress, Work};
use crate::outcome::Column;
use crate::session::Session;
use crate::system::{SystemRow, system_table};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;
use weft_core::metadata::{FoundSchema, FoundTable, ScanLevel, ScanScope, ScanSink};
use weft_core::name::quote_always;
use weft_core::option::{self, Exposure, OptionSpec, OptionType, Presence};
use weft_core::settings::Span;
use weft_core::{Error, ErrorKind, ObjectName, Result};
use weft_meta::{Counts, Metastore, NewJob, NewScan};
use weft_sql::{Scan, ScanTarget};

system_table! {
    /// What SCAN answers: what it found. Figures are missing while it goes on by itself.
    "answer"."scan" => ScanRow {
        /// The job that did it, or does it.
        job_id: String,
        /// `succeeded` or `running`.
        state: String,
        /// Schemas.
        schemas: Option<i64>,
        /// Tables and views.
        tables: Option<i64>,
        /// Their columns.
        columns: Option<i64>,
        /// Tables that were not there at the scan before.
        added: Option<i64>,
        /// Tables that are made of something else than at the scan before.
        modified: Option<i64>,
        /// Tables that are not there any more.
        removed: Option<i64>,
    }
}

/// What WITH takes.
const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "timeout",
        kind: OptionType::Time(Duration::from_millis(1), Duration::from_secs(86_400)),
        presence: Presence::Default("300s"),
        exposure: Exposure::Public,
        doc: "How long it may take.",
    },
    OptionSpec {
        name: "detached",
        kind: OptionType::Boolean,
        presence: Presence::Default("false"),
        exposure: Exposure::Public,
        doc: "Whether the statement ends at once and the scan goes on by itself.",
    },
];

/// The columns of its answer.
pub(super) fn columns() -> Arc<[Column]> {
    let fields: Vec<_> = ScanRow::columns().into_iter().map(|(field, _)| field).collect();
    crate::plan::bind::columns(&Arc::new(arrow::datatypes::Schema::new(fields)))
}

pub(super) async fn execute(session: &Arc<Session>, scan: &Scan) -> Result<Done> {
    super::catalog::allowed(session, "scan a catalog", "SCAN")?;
    let with = option::check(OPTIONS, &super::catalog::map(&scan.with)?)?;
    let timeout = with.get("timeout").and_then(|t| t.parse::<Span>().ok()).map_or(Duration::ZERO, |t| t.0);
    let detached = with.get("detached").and_then(|d| option::parse_boolean(d)).unwrap_or(false);
    let (source, scope) = target(session, &scan.target)?;
    let level = match (scan.level, &scope.table) {
        (Some(1), Some(_)) => {
            return Err(Error::new(ErrorKind::InvalidParameterValue, "level 1 is about schemas, not about a table")
                .with_hint("Leave LEVEL 1 out."));
        }
        (Some(1), None) => ScanLevel::Schemas,
        _ => ScanLevel::Tables,
    };
    source.connector()?;
    let gateway = session.gateway();
    let claim = gateway.jobs().claim(source.record.id, &format!("catalog {}", quote_always(source.name())))?;
    let (text, name) = (text(session, scan, &source, &scope), source.name().to_owned());
    let new = NewJob { kind: "scan", statement: &text, catalog: Some(&name), owner: session.user() };
    let metastore = gateway.metastore().clone();
    let started = gateway
        .jobs()
        .start(new, session.begun_job(), timeout, |work| async move {
            let _claim = claim;
            run(&metastore, &source, level, scope, work).await
        })
        .await?;
    let id = started.id.to_string();
    let counts = if detached {
        started.detach();
        None
    } else {
        Some(started.outcome().await?)
    };
    let figure = |of: fn(&Counts) -> i64| counts.as_ref().map(of);
    let row = ScanRow {
        job_id: id,
        state: if counts.is_some() { "succeeded" } else { "running" }.to_owned(),
        schemas: figure(|c| c.schemas),
        tables: figure(|c| c.tables),
        columns: figure(|c| c.columns),
        added: figure(|c| c.added),
        modified: figure(|c| c.modified),
        removed: figure(|c| c.removed),
    };
    answer(&[row], "SCAN")
}

/// The source, and the part of it.
fn target(session: &Arc<Session>, target: &ScanTarget) -> Result<(Arc<Source>, ScanScope)> {
    let of = |catalog: &str| session.gateway().catalogs().source(catalog);
    let first_schema =
        || session.variables().lock().search_path().into_iter().next().unwrap_or_else(|| "public".to_owned());
    let scope = |schema: &str, table: Option<&str>| ScanScope {
        schema: Some(schema.to_owned()),
        table: table.map(str::to_owned),
    };
    Ok(match target {
        ScanTarget::Catalog(catalog) => (of(catalog)?, ScanScope::default()),
        ScanTarget::Schema(name) => match name.0.as_slice() {
            [catalog, schema] => (of(catalog)?, scope(schema, None)),
            [schema] => (of(session.catalog())?, scope(schema, None)),
            _ => return Err(improper(name)),
        },
        ScanTarget::Table(name) => match name.0.as_slice() {
            [catalog, schema, table] => (of(catalog)?, scope(schema, Some(table))),
            [schema, table] => (of(session.catalog())?, scope(schema, Some(table))),
            [table] => (of(session.catalog())?, scope(&first_schema(), Some(table))),
            _ => return Err(improper(name)),
        },
    })
}

/// The statement so that it means the same in any session.
fn text(session: &Session, scan: &Scan, source: &Source, scope: &ScanScope) -> String {
    let name = |parts: &[&str]| ObjectName(parts.iter().map(|p| (*p).to_owned()).collect());
    let target = match (&scan.target, &scope.schema, &scope.table) {
        (ScanTarget::Schema(said), Some(schema), None) if said.0.len() < 2 => {
            ScanTarget::Schema(name(&[source.name(), schema]))
        }
        (ScanTarget::Table(said), Some(schema), Some(table)) if said.0.len() < 3 => {
            ScanTarget::Table(name(&[source.name(), schema, table]))
        }
        _ => return session.last_statement(),
    };
    Scan { target, ..scan.clone() }.to_string()
}

fn improper(name: &ObjectName) -> Error {
    Error::new(ErrorKind::SyntaxError, format!("improper qualified name: {name}"))
}

/// The work of the job.
async fn run(
    metastore: &Arc<Metastore>,
    source: &Arc<Source>,
    level: ScanLevel,
    scope: ScanScope,
    work: Work,
) -> Result<Counts> {
    let record = &source.record;
    let scans = metastore.scans();
    let new = NewScan { job: work.id, catalog: record.id, catalog_name: source.name(), scope: &scope, level };
    work.progress.expect(scans.expected_tables(record.id, &scope).await?);
    let scan = scans.begin(new.clone()).await?;
    let scanning = async {
        let mut staging = Staging { metastore, scan, progress: &work.progress };
        source.watched(source.connector()?.scan(level, &scope, &mut staging).await)?;
        scans.finish(scan, &new).await
    };
    let outcome = work.interrupt.guard(scanning).await;
    if outcome.is_err() {
        scans.abandon(scan).await?;
    }
    outcome
}

/// Keeps what is found beside what is known, until it is complete.
struct Staging<'a> {
    metastore: &'a Arc<Metastore>,
    scan: Uuid,
    progress: &'a Progress,
}

#[async_trait]
impl ScanSink for Staging<'_> {
    async fn schemas(&mut self, schemas: Vec<FoundSchema>) -> Result<()> {
        self.metastore.scans().stage_schemas(self.scan, &schemas).await
    }

    async fn tables(&mut self, tables: Vec<FoundTable>) -> Result<()> {
        self.metastore.scans().stage_tables(self.scan, &tables).await?;
        self.progress.advance(tables.len());
        Ok(())
    }
}
