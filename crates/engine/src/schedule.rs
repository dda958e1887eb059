//! Schedules: when they are due, and the task that runs what is. A time that was missed because no gateway ran is made up for once, however many there
//! were. It must not know what a statement does.

use crate::gateway::Gateway;
use crate::jobs::until_stored;
use crate::outcome::Outcome;
use crate::session::{Hello, Origin};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::CronParser;
use futures::TryStreamExt;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use weft_core::{Error, ErrorKind, Result};
use weft_meta::{Pause, ScheduleRecord};

/// How long a change of a schedule by another gateway may go unseen.
const GLANCE: Duration = Duration::from_secs(5);

/// The times of a schedule.
pub struct Times {
    cron: Cron,
    zone: Tz,
}

impl Times {
    /// Reads the five fields of cron, or a word such as `@daily`.
    pub fn read(cron: &str, zone: &str) -> Result<Times> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidParameterValue, message);
        let parsed = CronParser::new().parse(cron).map_err(|e| {
            invalid(format!("\"{cron}\" is no time of cron: {e}"))
                .with_hint("It has five fields: minute, hour, day of month, month, day of week, as in '0 3 * * *'.")
        })?;
        let zone = zone.parse().map_err(|_| {
            invalid(format!("time zone \"{zone}\" not recognized")).with_hint("It takes a name such as Europe/Berlin.")
        })?;
        Ok(Times { cron: parsed, zone })
    }

    /// The first time after this one; none if there is no other.
    pub fn after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.cron.find_next_occurrence(&moment.with_timezone(&self.zone), false).ok()?;
        Some(next.with_timezone(&Utc))
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, zone: &str, after: &str) -> String {
        let after = after.parse().expect("a moment");
        let next = Times::read(cron, zone).expect("times").after(after);
        next.map(|t| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default()
    }

    #[test]
    fn times_are_those_of_the_zone() {
        assert_eq!(next("0 3 * * *", "UTC", "2026-01-01T03:00:00Z"), "2026-01-02T03:00:00Z");
        assert_eq!(next("0 3 * * *", "Europe/Berlin", "2026-01-01T03:00:00Z"), "2026-01-02T02:00:00Z");
        // The hour that a change of the clock leaves out is made up for.
        assert_eq!(next("30 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z"), "2026-03-29T01:00:00Z");
        assert_eq!(next("@daily", "Asia/Tokyo", "2026-01-01T00:00:00Z"), "2026-01-01T15:00:00Z");
        assert_eq!(next("*/15 * * * 1-5", "UTC", "2026-01-02T23:50:00Z"), "2026-01-05T00:00:00Z");
    }

    #[test]
    fn mistakes_are_named() {
        for (cron, zone) in [("", "UTC"), ("61 * * * *", "UTC"), ("* * *", "UTC"), ("0 3 * * *", "Nowhere/City")] {
            let error = Times::read(cron, zone).err().expect("an error");
            assert_eq!(error.kind(), ErrorKind::InvalidParameterValue, "{cron} {zone}");
        }
    }
}
