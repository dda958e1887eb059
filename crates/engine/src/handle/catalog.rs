//! CREATE, ALTER, DROP, UNDROP and CHECK CATALOG.

use super::{Done, answer};
use crate::catalog::{HealthState, Proposal, Source};
use crate::outcome::{Column, TransactionState};
use crate::session::Session;
use crate::system::{SystemRow, system_table};
use std::collections::BTreeMap;
use std::sync::Arc;
use weft_connect::NodeCheck;
use weft_core::name::{quote_always, quote_identifier};
use weft_core::{Error, ErrorKind, Result};
use weft_meta::DatasetChange;
use weft_sql::{
    AlterCatalog, Behavior, CatalogChange, CheckCatalog, CreateCatalog, DropCatalog, OnDuplicate, OnMissing,
};

system_table! {
    /// What CHECK CATALOG answers: one row for each node that tried to reach the source.
    "answer"."check_catalog" => CheckRow {
        /// The node that tried.
        node: String,
        /// `ok` or `failed`.
        state: String,
        /// How long it took, in milliseconds.
        latency_ms: f64,
        /// Version of the source.
        version: Option<String>,
        /// What went wrong.
        error: Option<String>,
        /// What to do about it.
        hint: Option<String>,
    }
}

/// The columns of CHECK CATALOG's answer.
pub(super) fn check_columns() -> Arc<[Column]> {
    let fields: Vec<_> = CheckRow::columns().into_iter().map(|(field, _)| field).collect();
    crate::plan::bind::columns(&Arc::new(arrow::datatypes::Schema::new(fields)))
}

pub(super) async fn create(session: &Arc<Session>, statement: &CreateCatalog) -> Result<Done> {
    allowed(session, "create a catalog", "CREATE CATALOG")?;
    let catalogs = session.gateway().catalogs();
    if catalogs.names().contains(&statement.name) {
        let message = format!("catalog {} already exists", quote_always(&statement.name));
        return match statement.on_duplicate {
            OnDuplicate::Fail => Err(Error::new(ErrorKind::DuplicateCatalog, message)),
            OnDuplicate::Skip => {
                session.notice("NOTICE", ErrorKind::DuplicateCatalog.sqlstate(), format!("{message}, skipping"));
                done("CREATE CATALOG")
            }
        };
    }
    let proposal = proposal(&statement.kind, &statement.options, &statement.with)?;
    super::nightly::times(&proposal.with)?;
    catalogs.create(&statement.name, proposal, &session.user()).await?;
    let source = catalogs.source(&statement.name)?;
    tell_missing(session, &source);
    super::nightly::begin(session, &source, None).await?;
    done("CREATE CATALOG")
}

pub(super) async fn alter(session: &Arc<Session>, statement: &AlterCatalog) -> Result<Done> {
    allowed(session, "alter a catalog", "ALTER CATALOG")?;
    if matches!(statement.change, CatalogChange::Rename(_))
        && let Some(reader) = super::relation::dependants(session, &statement.name, None).await?.first()
    {
        let message = format!("cannot rename catalog {} because views name it", quote_always(&statement.name));
        return Err(Error::new(ErrorKind::DependentObjects, message)
            .with_detail(format!("view {} reads it", quote_identifier(&reader.name))));
    }
    let catalogs = session.gateway().catalogs();
    let (rescheduled, name) = match &statement.change {
        CatalogChange::Set(properties) => {
            super::nightly::times(&map(properties)?)?;
            (super::nightly::concerns(properties), &statement.name)
        }
        CatalogChange::Rename(name) => (true, name),
        _ => (false, &statement.name),
    };
    catalogs.alter(&statement.name, &statement.change, &session.user()).await?;
    if rescheduled {
        let before = super::nightly::end(session, &statement.name).await?;
        super::nightly::begin(session, &*catalogs.source(name)?, before).await?;
    }
    tell_missing(session, &*catalogs.source(name)?);
    session.gateway().plans().forget();
    done("ALTER CATALOG")
}

/// A source of which a part is away is taken all the same.
fn tell_missing(session: &Session, source: &Source) {
    let finding = source.finding();
    if let (HealthState::Degraded, Some(error)) = (finding.state, finding.error) {
        session.notice("WARNING", "01000", reason(&error));
    }
}

pub(super) async fn drop(session: &Arc<Session>, statement: &DropCatalog) -> Result<Done> {
    allowed(session, "drop a catalog", "DROP CATALOG")?;
    let readers = super::relation::dependants(session, &statement.name, None).await?;
    if !readers.is_empty() && session.gateway().catalogs().source(&statement.name).is_ok() {
        if statement.behavior == Behavior::Restrict {
            return Err(super::relation::depended_on(
                &format!("catalog {}", quote_identifier(&statement.name)),
                &readers,
            ));
        }
        super::relation::tell_cascade(session, &readers);
        super::relation::change(session, DatasetChange::Drop(readers)).await?;
    }
    match session.gateway().catalogs().drop(&statement.name, &session.user()).await {
        Err(error) if error.kind() == ErrorKind::UndefinedCatalog && statement.on_missing == OnMissing::Skip => {
            session.notice("NOTICE", "00000", format!("{}, skipping", error.message()));
        }
        other => other?,
    }
    super::nightly::end(session, &statement.name).await?;
    session.gateway().plans().forget();
    done("DROP CATALOG")
}

pub(super) async fn undrop(session: &Arc<Session>, name: &str) -> Result<Done> {
    allowed(session, "bring back a catalog", "UNDROP CATALOG")?;
    session.gateway().catalogs().undrop(name, &session.user()).await?;
    super::nightly::begin(session, &*session.gateway().catalogs().source(name)?, None).await?;
    done("UNDROP CATALOG")
}

pub(super) async fn check(session: &Arc<Session>, statement: &CheckCatalog) -> Result<Done> {
    session.require_superuser("check a catalog")?;
    let catalogs = session.gateway().catalogs();
    let nodes = match statement {
        CheckCatalog::Proposed { kind, options, with } => catalogs.try_out(proposal(kind, options, with)?).await?,
        CheckCatalog::Existing(name) => catalogs.check(name).await?,
    };
    let row = |node: NodeCheck| CheckRow {
        node: node.node,
        state: if node.error.is_none() { "ok" } else { "failed" }.to_owned(),
        latency_ms: node.latency.as_secs_f64() * 1000.0,
        version: node.version,
        hint: node.error.as_ref().and_then(|e| e.hint().map(str::to_owned)),
        error: node.error.as_ref().map(reason),
    };
    answer(&nodes.into_iter().map(row).collect::<Vec<_>>(), "CHECK")
}

/// What went wrong, with the reason where the message alone does not tell it.
fn reason(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.message()),
        None => error.message().to_owned(),
    }
}

fn proposal(kind: &str, options: &[(String, String)], with: &[(String, String)]) -> Result<Proposal> {
    Ok(Proposal { kind: kind.to_owned(), options: map(options)?, with: map(with)? })
}

/// The pairs of a list, each name once.
pub(super) fn map(pairs: &[(String, String)]) -> Result<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    for (name, value) in pairs {
        if map.insert(name.clone(), value.clone()).is_some() {
            return Err(Error::new(ErrorKind::SyntaxError, format!("option {name} is given twice")));
        }
    }
    Ok(map)
}

fn done(tag: &str) -> Result<Done> {
    Ok(Done::Tag(tag.to_owned()))
}

/// What every change of Weft's own state asks for: a superuser, and no transaction that could take it back.
pub(super) fn allowed(session: &Arc<Session>, what: &str, statement: &str) -> Result<()> {
    session.require_superuser(what)?;
    outside_of_transaction(session, statement)
}

/// What cannot be taken back is done outside of transactions.
pub(super) fn outside_of_transaction(session: &Arc<Session>, what: &str) -> Result<()> {
    if session.transaction() == TransactionState::Idle {
        return Ok(());
    }
    Err(Error::new(ErrorKind::ActiveTransaction, format!("{what} cannot run inside a transaction block")))
}
