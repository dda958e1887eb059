//! The task that runs what waits in this gateway's journal once the metadata store is back: one statement after the other, each as its user. What cannot
//! be done is a conflict, and does not keep the next one waiting. It must not know what a statement does.

use crate::gateway::Gateway;
use crate::handle::journal_changes;
use crate::schedule::run_statement;
use crate::session::{Hello, Origin};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use weft_core::{Error, ErrorKind, Result};
use weft_meta::{Journal, PendingEntry, as_entry};

/// How long what waits may go unseen.
const GLANCE: Duration = Duration::from_secs(1);

/// How often a statement is tried anew that is only in somebody's way, before it is a conflict.
const TRIES: u32 = 5;

/// Runs what waits, until the gateway is gone.
pub fn start(gateway: &Arc<Gateway>, stopping: CancellationToken) {
    if gateway.metastore().journal().is_none() {
        return;
    }
    let gateway = Arc::downgrade(gateway);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = tokio::time::sleep(GLANCE) => {}
            }
            match replay(&gateway).await {
                Some(Err(error)) => tracing::warn!(%error, "the journal is not run on for now"),
                Some(Ok(())) => {}
                None => return,
            }
        }
    });
}

/// Runs all that waits, unless the store goes away again.
async fn replay(gateway: &Weak<Gateway>) -> Option<Result<()>> {
    let gateway = gateway.upgrade()?;
    let journal = gateway.metastore().journal()?;
    while !gateway.metastore().is_away() {
        match journal.next().await {
            Ok(Some(entry)) => match attempt(&gateway, &journal, entry).await {
                Ok(()) => {}
                Err(error) => return Some(Err(error)),
            },
            Ok(None) => return Some(Ok(())),
            Err(error) => return Some(Err(error)),
        }
    }
    Some(Ok(()))
}

/// Runs the statement, unless a crash came after its change and before its note, and writes down what has become of it. An error says that it waits on.
async fn attempt(gateway: &Arc<Gateway>, journal: &Journal<'_>, entry: PendingEntry) -> Result<()> {
    let mut tries = 0;
    let failed = loop {
        tries += 1;
        if journal.is_done(entry.id).await? {
            break None;
        }
        match run(gateway, journal, &entry).await {
            Ok(()) => break None,
            // Whether it was done the server will tell when it is back.
            Err(error) if gateway.metastore().is_away() => return Err(error),
            Err(error) if is_passing(&error) && tries < TRIES => tokio::time::sleep(GLANCE).await,
            Err(error) => break Some(error),
        }
    };
    match &failed {
        None => tracing::info!(entry = %entry.id, user = entry.user, "a statement of the journal was run"),
        Some(error) => {
            tracing::warn!(entry = %entry.id, user = entry.user, %error, "a statement of the journal is in conflict");
        }
    }
    journal.end(entry.id, failed.as_ref()).await
}

/// Whether the same may succeed a moment later.
fn is_passing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ObjectInUse | ErrorKind::CannotConnectNow | ErrorKind::ReadOnlyTransaction)
}

async fn run(gateway: &Arc<Gateway>, journal: &Journal<'_>, entry: &PendingEntry) -> Result<()> {
    let statement = entry.statement.as_ref().map_err(|error| {
        error.clone().with_hint("Give the statement anew: the master key has been changed since it was journalled.")
    })?;
    for parsed in weft_sql::parse(statement.expose())? {
        for (part, object) in journal_changes(&parsed.kind) {
            if let Some(by) = journal.changed_since(entry.version, part, &object).await? {
                let message = format!("\"{object}\" was changed by {by} since the statement was journalled");
                return Err(Error::new(ErrorKind::ObjectNotInPrerequisiteState, message));
            }
        }
    }
    // What others have done meanwhile is to be seen by what is checked before a statement writes.
    gateway.catalogs().reload().await?;
    let hello = Hello {
        user: entry.user.clone(),
        database: Some(entry.catalog.clone()),
        variables: vec![
            ("application_name".to_owned(), "journal".to_owned()),
            ("search_path".to_owned(), entry.search_path.clone()),
        ],
        origin: Origin::Journal,
        ..Hello::default()
    };
    as_entry(entry.id, run_statement(gateway, hello, statement.expose())).await
}
