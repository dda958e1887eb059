//! Schedules: the task that runs what is due. A time that was missed because no gateway ran is made up for once, however many there
//! were. It must not know what a statement does.

mod times;

pub use times::Times;

use crate::gateway::Gateway;
use crate::jobs::until_stored;
use crate::outcome::Outcome;
use crate::session::{Hello, Origin};
use chrono::Utc;
use futures::TryStreamExt;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use weft_core::Result;
use weft_meta::{Pause, ScheduleRecord};

/// How long a change of a schedule by another gateway may go unseen.
const GLANCE: Duration = Duration::from_secs(5);

/// Runs what is due, until the gateway is gone.
pub fn start(gateway: &Arc<Gateway>, stopping: CancellationToken) {
    let gateway = Arc::downgrade(gateway);
    tokio::spawn(async move {
        loop {
            let Some(pause) = glance(&gateway).await else { return };
            tokio::select! {
                () = stopping.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    });
}

/// Starts what is due; tells when to look again.
async fn glance(gateway: &Weak<Gateway>) -> Option<Duration> {
    let gateway = gateway.upgrade()?;
    if gateway.metastore().is_away() {
        // Nobody can tell whose run it would be.
        return Some(GLANCE);
    }
    let schedules = match gateway.metastore().schedules().list().await {
        Ok(schedules) => schedules,
        Err(error) => {
            tracing::error!(%error, "the schedules cannot be read");
            return Some(GLANCE);
        }
    };
    let now = Utc::now();
    let mut pause = GLANCE;
    for schedule in schedules.into_iter().filter(|s| s.paused == Pause::No) {
        let Some(due) = schedule.next_run_at else { continue };
        match (due - now).to_std() {
            Ok(wait) if !wait.is_zero() => pause = pause.min(wait),
            _ => run_if_ours(&gateway, schedule).await,
        }
    }
    Some(pause)
}

async fn run_if_ours(gateway: &Arc<Gateway>, schedule: ScheduleRecord) {
    let next = Times::read(&schedule.cron, &schedule.time_zone).ok().and_then(|times| times.after(Utc::now()));
    match gateway.metastore().schedules().claim(&schedule, next).await {
        Ok(true) => {
            let gateway = gateway.clone();
            tokio::spawn(async move {
                let outcome = match run(&gateway, &schedule).await {
                    Ok(()) => "succeeded".to_owned(),
                    Err(error) => {
                        tracing::warn!(%error, schedule = schedule.name, "a scheduled statement failed");
                        format!("{}: {}", error.kind().sqlstate(), error.message())
                    }
                };
                let metastore = gateway.metastore();
                let ran = || async { metastore.schedules().ran(&schedule.name, &outcome).await };
                if let Err(error) = until_stored(ran).await {
                    tracing::error!(%error, schedule = schedule.name, "what came of a scheduled statement could not be stored");
                }
            });
        }
        // Another gateway was first.
        Ok(false) => {}
        Err(error) => tracing::error!(%error, schedule = schedule.name, "a schedule cannot be moved on"),
    }
}

async fn run(gateway: &Arc<Gateway>, schedule: &ScheduleRecord) -> Result<()> {
    let hello = Hello {
        user: schedule.owner.clone(),
        variables: vec![("application_name".to_owned(), format!("schedule {}", schedule.name))],
        origin: Origin::Schedule,
        ..Hello::default()
    };
    run_statement(gateway, hello, &schedule.statement).await
}

/// Runs a statement in a session of its own; its rows are thrown away.
pub(crate) async fn run_statement(gateway: &Arc<Gateway>, hello: Hello, text: &str) -> Result<()> {
    let session = gateway.connect(hello).await?;
    for statement in session.statements(text)? {
        let prepared = session.prepare(statement, &[]).await?;
        if let Outcome::Rows(rows) = session.execute(&prepared, Vec::new()).await? {
            rows.batches.try_for_each(|_| async { Ok(()) }).await?;
        }
    }
    Ok(())
}
