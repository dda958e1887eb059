//! CREATE, PAUSE, RESUME and DROP SCHEDULE.

use super::Done;
use crate::schedule::Times;
use crate::session::Session;
use chrono::Utc;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};
use weft_meta::{Pause, ScheduleRecord};
use weft_sql::{AlterSchedule, CreateSchedule, OnMissing, ScheduleChange};

pub(super) async fn create(session: &Arc<Session>, create: &CreateSchedule) -> Result<Done> {
    super::catalog::allowed(session, "create a schedule", "CREATE SCHEDULE")?;
    let zone = create.time_zone.clone().unwrap_or_else(|| "UTC".to_owned());
    let now = Utc::now();
    let next_run_at = Times::read(&create.cron, &zone)?.after(now);
    let schedule = ScheduleRecord {
        name: create.name.clone(),
        cron: create.cron.clone(),
        time_zone: zone,
        statement: create.statement.kind.to_string(),
        owner: session.user().to_owned(),
        paused: Pause::No,
        next_run_at,
        last_run_at: None,
        last_outcome: None,
        created_at: now,
    };
    session.gateway().metastore().schedules().create(&schedule).await?;
    Ok(Done::Tag("CREATE SCHEDULE".to_owned()))
}

pub(super) async fn alter(session: &Arc<Session>, alter: &AlterSchedule) -> Result<Done> {
    let tag = match alter.change {
        ScheduleChange::Pause => "PAUSE SCHEDULE",
        ScheduleChange::Resume => "RESUME SCHEDULE",
        ScheduleChange::Drop(_) => "DROP SCHEDULE",
    };
    super::catalog::allowed(session, "change a schedule", tag)?;
    let schedules = session.gateway().metastore().schedules();
    let done = match alter.change {
        ScheduleChange::Pause => schedules.pause(&alter.name, Pause::Yes, None, session.user()).await,
        ScheduleChange::Resume => {
            let all = schedules.list().await?;
            let next = all.iter().find(|s| s.name == alter.name).map(|s| Times::read(&s.cron, &s.time_zone));
            let next = next.transpose()?.and_then(|times| times.after(Utc::now()));
            schedules.pause(&alter.name, Pause::No, next, session.user()).await
        }
        ScheduleChange::Drop(_) => schedules.drop(&alter.name, session.user()).await,
    };
    match done {
        Err(error) if is_missing(&error) && alter.change == ScheduleChange::Drop(OnMissing::Skip) => {
            session.notice("NOTICE", "00000", format!("{}, skipping", error.message()));
        }
        other => other?,
    }
    Ok(Done::Tag(tag.to_owned()))
}

fn is_missing(error: &Error) -> bool {
    error.kind() == ErrorKind::UndefinedObject
}
