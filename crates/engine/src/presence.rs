//! This gateway among others: its signs of life, and the jobs of those that have gone, which it runs anew. It must not know what a job does.

use crate::gateway::Gateway;
use crate::schedule::run_statement;
use crate::session::Hello;
use chrono::{DateTime, Utc};
use std::sync::{Arc, Weak};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_core::Result;
use weft_meta::{BEAT, JobRecord, Metastore, Moment};

/// Kinds of jobs that do no harm if they are done twice.
const REPEATABLE: &[&str] = &["scan"];

/// Who a gateway is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Of its data folder: it keeps it when it starts again.
    pub id: Uuid,
    /// Where it runs, for people.
    pub name: String,
    /// When this process of it began.
    pub started_at: DateTime<Utc>,
}

/// Tells that this gateway is there, and takes over what its former process has left. What is to be run anew is told.
pub(crate) async fn enter(metastore: &Metastore, identity: &Identity) -> Result<Entered> {
    if metastore.is_away() {
        return Ok(Entered::Later);
    }
    metastore.gateways().enter(identity.id, &identity.name).await?;
    let taken = metastore.jobs().take_over(identity.id, Moment::Start(identity.started_at), REPEATABLE).await?;
    if taken.interrupted > 0 {
        tracing::warn!(
            interrupted = taken.interrupted,
            again = taken.begun.len(),
            "jobs were left by gateways that have gone"
        );
    }
    Ok(Entered::With(taken.begun))
}

/// Whether the others know of this gateway.
pub(crate) enum Entered {
    /// They do; these jobs are to be run anew.
    With(Vec<JobRecord>),
    /// They will when the metadata store is back.
    Later,
}

/// Gives signs of life and looks for jobs that others have left, until the gateway ends.
pub(crate) fn start(gateway: &Arc<Gateway>, identity: Identity, mut entered: Entered, stopping: CancellationToken) {
    if let Entered::With(begun) = &mut entered {
        run_all(gateway, std::mem::take(begun));
    }
    let (metastore, gateway) = (gateway.metastore().clone(), Arc::downgrade(gateway));
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stopping.cancelled() => break,
                () = tokio::time::sleep(BEAT) => {}
            }
            if metastore.is_away() {
                continue;
            }
            match look(&gateway, &metastore, &identity, &mut entered).await {
                Ok(Some(())) => {}
                Ok(None) => break,
                Err(error) => tracing::warn!(%error, "no sign of life could be given"),
            }
        }
    });
}

async fn look(
    gateway: &Weak<Gateway>,
    metastore: &Metastore,
    identity: &Identity,
    entered: &mut Entered,
) -> Result<Option<()>> {
    let Some(gateway) = gateway.upgrade() else { return Ok(None) };
    if let Entered::Later = entered {
        *entered = enter(metastore, identity).await?;
        if let Entered::With(begun) = entered {
            run_all(&gateway, std::mem::take(begun));
        }
        return Ok(Some(()));
    }
    metastore.gateways().beat(identity.id, &identity.name).await?;
    let taken = metastore.jobs().take_over(identity.id, Moment::Later, REPEATABLE).await?;
    if taken.interrupted > 0 {
        tracing::warn!(interrupted = taken.interrupted, again = taken.begun.len(), "a gateway has gone and left jobs");
    }
    run_all(&gateway, taken.begun);
    Ok(Some(()))
}

fn run_all(gateway: &Arc<Gateway>, jobs: Vec<JobRecord>) {
    for job in jobs {
        let gateway = gateway.clone();
        tokio::spawn(async move {
            let hello = Hello {
                user: job.owner.clone(),
                variables: vec![("application_name".to_owned(), "job taken over".to_owned())],
                begun_job: Some(job.id),
                ..Hello::default()
            };
            if let Err(error) = run_statement(&gateway, hello, &job.statement).await {
                tracing::warn!(%error, job = %job.id, "a job that was taken over failed");
                gateway.jobs().gave_up(job.id, &error).await;
            }
        });
    }
}
