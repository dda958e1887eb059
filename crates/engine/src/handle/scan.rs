//! SCAN: asks a source what it holds and keeps it, as a job. What was known before stays whole until the new is complete.

use super::statistics::{Budget, Statistics};
use super::{Done, answer};
use crate::analysis::rule::Wish;
use crate::catalog::{self, Hidden, Resolved, Source};
use crate::environment::Environment;
use crate::gateway::Gateway;
use crate::jobs::{Progress, Work};
use crate::outcome::Column;
use crate::principals::Rights;
use crate::session::{Origin, Session};
use crate::system::{SystemRow, system_table};
use crate::variables::Variables;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;
use weft_core::metadata::{FoundFiles, FoundSchema, FoundTable, ScanLevel, ScanScope, ScanSink, TableShape};
use weft_core::name::quote_always;
use weft_core::option::{self, Exposure, OptionSpec, OptionType, Presence};
use weft_core::settings::Span;
use weft_core::{Error, ErrorKind, ObjectName, Privilege, Result};
use weft_meta::{Counts, ManageState, Metastore, NewJob, NewScan, ScanMethod};
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

/// How long the work may take.
pub(super) const TIMEOUT: OptionSpec = OptionSpec {
    name: "timeout",
    kind: OptionType::Time(Duration::from_millis(1), Duration::from_secs(86_400)),
    presence: Presence::Default("300s"),
    exposure: Exposure::Public,
    doc: "How long it may take.",
};

/// Whether it is waited for.
pub(super) const DETACHED: OptionSpec = OptionSpec {
    name: "detached",
    kind: OptionType::Boolean,
    presence: Presence::Default("false"),
    exposure: Exposure::Public,
    doc: "Whether the statement ends at once and the work goes on by itself.",
};

/// What WITH takes.
const OPTIONS: &[OptionSpec] = &[
    TIMEOUT,
    DETACHED,
    OptionSpec {
        name: "statistics",
        kind: OptionType::Boolean,
        presence: Presence::Default(""),
        exposure: Exposure::Public,
        doc: "Whether every table is analysed, or none; unless given, tables of files are, by their size and age.",
    },
    super::statistics::MAX_ROWS,
    OptionSpec {
        name: "max_connections",
        kind: OptionType::Integer(1, 16),
        presence: Presence::Default("2"),
        exposure: Exposure::Public,
        doc: "Tables that are analysed at once.",
    },
];

/// Whether a statement waits for its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// Until it has ended.
    ToTheEnd,
    /// It goes on by itself.
    Detached,
}

/// How a job behaves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behaviour {
    /// How long it may take.
    pub(super) timeout: Duration,
    /// Whether the statement waits for it.
    pub(super) waiting: Waiting,
}

impl Behaviour {
    /// Reads options that have been checked already.
    pub(super) fn read(with: &BTreeMap<String, String>) -> Behaviour {
        let timeout = with.get("timeout").and_then(|t| t.parse::<Span>().ok()).map_or(Duration::ZERO, |t| t.0);
        let waiting = match with.get("detached").and_then(|d| option::parse_boolean(d)) {
            Some(true) => Waiting::Detached,
            _ => Waiting::ToTheEnd,
        };
        Behaviour { timeout, waiting }
    }
}

/// The columns of its answer.
pub(super) fn columns() -> Arc<[Column]> {
    let fields: Vec<_> = ScanRow::columns().into_iter().map(|(field, _)| field).collect();
    crate::plan::bind::columns(&Arc::new(arrow::datatypes::Schema::new(fields)))
}

pub(super) async fn execute(session: &Arc<Session>, scan: &Scan) -> Result<Done> {
    super::catalog::outside_of_transaction(session, "SCAN")?;
    let (source, scope) = target(session, &scan.target)?;
    let place = scope.schema.as_ref().map_or_else(|| source.thing(), |schema| source.thing().schema_in(schema));
    let thing = scope.table.as_ref().map_or_else(|| place.clone(), |table| place.table_in(table));
    session.rights().require(&thing, Privilege::Scan)?;
    start(session, scan).await
}

/// The scan, whoever asks for it.
pub(super) async fn start(session: &Arc<Session>, scan: &Scan) -> Result<Done> {
    let with = option::check(OPTIONS, &super::catalog::map(&scan.with)?)?;
    let behaviour = Behaviour::read(&with);
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
    require_known(session, &source, &scope).await?;
    let gateway = session.gateway();
    let budget = budget(gateway, &with, level, &scope)?;
    let claim = gateway.jobs().claim(source.record.id, "", &format!("catalog {}", quote_always(source.name())))?;
    let (text, name) = (text(session, scan, &source, &scope), source.name().to_owned());
    let user = session.user();
    let new = NewJob { kind: "scan", statement: &text, catalog: Some(&name), owner: &user };
    let method = match session.origin() {
        Origin::Client | Origin::Journal => ScanMethod::Manual,
        Origin::Schedule => ScanMethod::Auto,
    };
    // What is found does not depend on the session's variables.
    let variables = Variables::new(gateway.settings(), &user);
    // Who may have it scanned need not be able to read it.
    let environment = gateway.environment(&user, session.pid(), source.name(), &variables).with(Rights::Everything);
    let started = gateway
        .jobs()
        .start(new, session.begun_job(), behaviour.timeout, |work| async move {
            let _claim = claim;
            let order = Order { level, scope, method, budget };
            run(&environment, &source, &order, work).await
        })
        .await?;
    let id = started.id.to_string();
    let counts = match behaviour.waiting {
        Waiting::Detached => {
            started.detach();
            None
        }
        Waiting::ToTheEnd => Some(started.outcome().await?),
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
pub(super) fn target(session: &Arc<Session>, target: &ScanTarget) -> Result<(Arc<Source>, ScanScope)> {
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
    match &scan.target {
        ScanTarget::Schema(said) if said.0.len() < 2 => {}
        ScanTarget::Table(said) if said.0.len() < 3 => {}
        _ if session.last_statement().get(..4).is_some_and(|word| word.eq_ignore_ascii_case("SCAN")) => {
            return session.last_statement();
        }
        _ => {}
    }
    Scan { target: qualified(source, scope), ..scan.clone() }.to_string()
}

/// The target so that it means the same in any session.
pub(super) fn qualified(source: &Source, scope: &ScanScope) -> ScanTarget {
    let name = |parts: &[&str]| ObjectName(parts.iter().map(|p| (*p).to_owned()).collect());
    match (&scope.schema, &scope.table) {
        (Some(schema), Some(table)) => ScanTarget::Table(name(&[source.name(), schema, table])),
        (Some(schema), None) => ScanTarget::Schema(name(&[source.name(), schema])),
        (None, _) => ScanTarget::Catalog(source.name().to_owned()),
    }
}

/// The schema or the table must be there, or have been there at an earlier scan, which this one then finds out. What else is wrong with it is found by the
/// scan.
async fn require_known(session: &Arc<Session>, source: &Source, scope: &ScanScope) -> Result<()> {
    let Some(schema) = &scope.schema else { return Ok(()) };
    let gateway = session.gateway();
    let scans = gateway.metastore().scans();
    if scans.expected_tables(source.record.id, scope).await? > 0 {
        return Ok(());
    }
    // No table has an empty name: then the answer is about the schema.
    let table = scope.table.as_deref().unwrap_or_default();
    let parts = [source.name(), schema, table];
    let environment = session.environment().with(Rights::Everything);
    match catalog::resolve(gateway.catalogs(), environment.lookup(Hidden::Invisible), &parts).await {
        Ok(Resolved::System(_) | Resolved::View(..) | Resolved::Dataset(_)) => {
            Err(Error::new(ErrorKind::WrongObjectType, format!("{} is not a table of a source", quote_always(table))))
        }
        Err(error) if error.kind() == ErrorKind::UndefinedTable && scope.table.is_some() => Err(error),
        Err(error) if error.kind() == ErrorKind::UndefinedSchema => {
            let known = scans.schemas().await?;
            let was_there = known.iter().any(|s| s.catalog_name == source.name() && s.schema == *schema);
            if was_there && scope.table.is_none() { Ok(()) } else { Err(error) }
        }
        Ok(Resolved::Relation { .. }) | Err(_) => Ok(()),
    }
}

fn improper(name: &ObjectName) -> Error {
    Error::new(ErrorKind::SyntaxError, format!("improper qualified name: {name}"))
}

/// What a scan is to do.
struct Order {
    level: ScanLevel,
    scope: ScanScope,
    method: ScanMethod,
    budget: Budget,
}

/// What it may spend on statistics.
fn budget(gateway: &Gateway, with: &BTreeMap<String, String>, level: ScanLevel, scope: &ScanScope) -> Result<Budget> {
    let wish = match (with.get("statistics").and_then(|s| option::parse_boolean(s)), level) {
        (Some(true), ScanLevel::Schemas) => {
            return Err(Error::new(ErrorKind::InvalidParameterValue, "level 1 takes no statistics")
                .with_hint("Leave LEVEL 1 out."));
        }
        (_, ScanLevel::Schemas) | (Some(false), _) => Wish::Nothing,
        (Some(true), _) => Wish::Everything,
        // Who names a table wants to know it.
        (None, _) if scope.table.is_some() => Wish::Marked,
        (None, _) => Wish::ByRule,
    };
    let connections = with.get("max_connections").and_then(|n| n.parse().ok()).unwrap_or(1);
    Ok(Budget { wish, max_rows: super::statistics::max_rows(gateway, with), connections })
}

/// The work of the job.
async fn run(environment: &Environment, source: &Arc<Source>, order: &Order, work: Work) -> Result<Counts> {
    let Order { level, scope, method, budget } = order;
    let record = &source.record;
    let metastore = environment.gateway.metastore();
    let scans = metastore.scans();
    let new = NewScan {
        job: work.id,
        catalog: record.id,
        catalog_name: source.name(),
        scope,
        level: *level,
        method: *method,
    };
    work.progress.expect(scans.expected_tables(record.id, scope).await?);
    let scan = scans.begin(new.clone()).await?;
    let scanning = async {
        let room = environment.gateway.settings().scan_files;
        let mut staging = Staging { metastore, catalog: record.id, scan, progress: &work.progress, room };
        source.watched(source.connector()?.scan(*level, scope, &mut staging).await)?;
        scans.finish(scan, &new).await
    };
    let outcome = work.interrupt.guard(scanning).await;
    if outcome.is_err() {
        scans.abandon(scan).await?;
    }
    let counts = outcome?;
    if *level == ScanLevel::Tables {
        metastore.managed().progress(record.id, scope, ManageState::Ready, None, &environment.user).await?;
    }
    environment.gateway.catalogs().learn().await?;
    if budget.wish != Wish::Nothing {
        let statistics = Statistics { environment, source, scope, budget: *budget };
        statistics.take(scan, &work).await?;
    }
    Ok(counts)
}

/// Keeps what is found beside what is known, until it is complete.
struct Staging<'a> {
    metastore: &'a Arc<Metastore>,
    catalog: Uuid,
    scan: Uuid,
    progress: &'a Progress,
    /// Files that are still kept; of the others only the number is.
    room: usize,
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

    async fn files(&mut self, mut files: Vec<FoundFiles>) -> Result<()> {
        for table in &mut files {
            table.files.truncate(self.room);
            self.room -= table.files.len();
        }
        self.metastore.filesets().stage(self.scan, &files).await
    }

    async fn recall(&mut self, schema: &str, table: &str, signature: &str) -> Result<Option<TableShape>> {
        self.metastore.filesets().recall(self.catalog, schema, table, signature).await
    }
}
