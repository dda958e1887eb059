//! Statements that change definitions while the metadata store is away: what its copy allows is kept in the journal, if the settings say so. A handler
//! checks before it writes; what comes as far as the refused write has passed every check that can be made without the server.

use super::Done;
use crate::outcome::TransactionState;
use crate::session::{Origin, Session};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use weft_core::settings::MetastoreWrites;
use weft_core::{Error, ErrorKind, ObjectName, Result};
use weft_meta::{Journal, NewEntry, Part};
use weft_sql::{OnDuplicate, OnExisting, OnMissing, ScheduleChange, Statement, StatementKind};

/// The command tag: not the statement's own, for what that would tell has not been done.
const TAG: &str = "JOURNAL";

/// The work of a statement, or its entry in the journal.
pub(super) fn guarded<'a>(
    session: &'a Arc<Session>,
    statement: &'a Statement,
    work: BoxFuture<'a, Result<Done>>,
) -> BoxFuture<'a, Result<Done>> {
    if session.gateway().settings().metastore_writes == MetastoreWrites::Refuse
        || session.origin() != Origin::Client
        || session.transaction() != TransactionState::Idle
        || !may_be_journalled(&statement.kind)
    {
        return work;
    }
    async move {
        let error = match work.await {
            Err(error) => error,
            done => return done,
        };
        let gateway = session.gateway();
        let Some(journal) = gateway.metastore().journal().filter(|_| gateway.metastore().is_away()) else {
            return Err(error);
        };
        if session.require_superuser("").is_err() || !is_open(&error, &journal).await? {
            return Err(error);
        }
        check(session, &statement.kind, &journal).await?;
        keep(session, statement, &journal).await?;
        Ok(Done::Tag(TAG.to_owned()))
    }
    .boxed()
}

/// Whether it changes definitions, or what people say of objects, and nothing else. A change of keys is not kept: what waits is sealed under them.
fn may_be_journalled(kind: &StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::CreateCatalog(_)
            | StatementKind::AlterCatalog(_)
            | StatementKind::DropCatalog(_)
            | StatementKind::UndropCatalog(_)
            | StatementKind::CreateSecret(_)
            | StatementKind::DropSecret(_)
            | StatementKind::CreateView(_)
            | StatementKind::AlterView(_)
            | StatementKind::DropRelation(_)
            | StatementKind::UndropRelation(..)
            | StatementKind::CreateSchedule(_)
            | StatementKind::AlterSchedule(_)
            | StatementKind::Annotate(_)
            | StatementKind::Folder(_)
            | StatementKind::Manage(_)
    )
}

/// Whether the statement may succeed when the server is back. What is missing now, or is there, may be created or dropped by what waits before it.
async fn is_open(error: &Error, journal: &Journal<'_>) -> Result<bool> {
    use ErrorKind::*;
    Ok(match error.kind() {
        ReadOnlyTransaction => true,
        UndefinedCatalog | UndefinedSchema | UndefinedTable | UndefinedColumn | UndefinedObject | DuplicateCatalog
        | DuplicateTable | DuplicateObject | DependentObjects => journal.counts().await?.pending > 0,
        _ => false,
    })
}

/// What the metadata store itself would say of names, where the handler leaves that to it.
async fn check(session: &Arc<Session>, kind: &StatementKind, journal: &Journal<'_>) -> Result<()> {
    if journal.counts().await?.pending > 0 {
        return Ok(());
    }
    let metastore = session.gateway().metastore();
    let (what, name, should_exist) = match kind {
        StatementKind::CreateSecret(s) if s.on_duplicate == OnDuplicate::Fail => ("secret", &s.name, Existence::Absent),
        StatementKind::DropSecret(s) if s.on_missing == OnMissing::Fail => ("secret", &s.name, Existence::Present),
        StatementKind::CreateSchedule(s) => ("schedule", &s.name, Existence::Absent),
        StatementKind::AlterSchedule(s) if s.change != ScheduleChange::Drop(OnMissing::Skip) => {
            ("schedule", &s.name, Existence::Present)
        }
        _ => return Ok(()),
    };
    let exists = match what {
        "secret" => metastore.secrets().list().await?.iter().any(|s| s.name == *name),
        _ => metastore.schedules().list().await?.iter().any(|s| s.name == *name),
    };
    match (exists, should_exist) {
        (true, Existence::Absent) => {
            Err(Error::new(ErrorKind::DuplicateObject, format!("{what} \"{name}\" already exists")))
        }
        (false, Existence::Present) => {
            Err(Error::new(ErrorKind::UndefinedObject, format!("{what} \"{name}\" does not exist")))
        }
        _ => Ok(()),
    }
}

/// How an object must be for a statement to succeed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Existence {
    Present,
    Absent,
}

async fn keep(session: &Arc<Session>, statement: &Statement, journal: &Journal<'_>) -> Result<()> {
    let shown = statement.redacted(&crate::session::exposure);
    let search_path = session.variables().lock().get("search_path").unwrap_or_default();
    let entry = NewEntry {
        statement: &statement.text,
        shown: &shown,
        user: &session.user(),
        catalog: session.catalog(),
        search_path: &search_path,
    };
    journal.append(&entry).await?;
    tracing::warn!(user = session.user(), statement = shown, "a statement waits in the journal");
    session.notice(
        "NOTICE",
        "00000",
        "the metadata store is away: the statement is journalled and not in force; it is run when the store is back, \
         and system.runtime.journal tells what has become of it",
    );
    Ok(())
}

/// The objects that a statement changes, which nobody else may have changed since it was given.
pub(crate) fn changes(kind: &StatementKind) -> Vec<(Part, String)> {
    let view = |name: &ObjectName| (Part::Datasets, name.0.last().cloned().unwrap_or_default());
    match kind {
        StatementKind::AlterCatalog(s) => vec![(Part::Catalogs, s.name.clone())],
        StatementKind::DropCatalog(s) => vec![(Part::Catalogs, s.name.clone())],
        StatementKind::UndropCatalog(name) => vec![(Part::Catalogs, name.clone())],
        StatementKind::DropSecret(s) => vec![(Part::Secrets, s.name.clone())],
        StatementKind::AlterSchedule(s) => vec![(Part::Schedules, s.name.clone())],
        StatementKind::CreateView(s) if s.on_existing == OnExisting::Replace => vec![view(&s.name)],
        StatementKind::AlterView(s) => vec![view(&s.name)],
        StatementKind::DropRelation(s) => s.names.iter().map(view).collect(),
        StatementKind::UndropRelation(_, name) => vec![view(name)],
        _ => Vec::new(),
    }
}
