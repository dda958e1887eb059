//! CREATE, PAUSE, RESUME and DROP SCHEDULE.

use super::{Done, scan, show};
use crate::schedule::Times;
use crate::session::Session;
use chrono::Utc;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, ObjectName, Result};
use weft_meta::{Pause, ScheduleRecord};
use weft_sql::{AlterSchedule, Analyze, CreateSchedule, OnMissing, Scan, ScheduleChange, StatementKind};

pub(super) async fn create(session: &Arc<Session>, create: &CreateSchedule) -> Result<Done> {
    super::catalog::allowed(session, "create a schedule", "CREATE SCHEDULE")?;
    let zone = create.time_zone.clone().unwrap_or_else(|| "UTC".to_owned());
    let now = Utc::now();
    let next_run_at = Some(Times::written(&create.cron, &zone, now)?);
    let statement = in_any_session(session, &create.statement.kind)?;
    let schedule = ScheduleRecord {
        name: create.name.clone(),
        cron: create.cron.clone(),
        time_zone: zone,
        statement,
        owner: session.user(),
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
        ScheduleChange::Pause => schedules.pause(&alter.name, Pause::Yes, None, &session.user()).await,
        ScheduleChange::Resume => {
            let all = schedules.list().await?;
            let next = all.iter().find(|s| s.name == alter.name).map(|s| Times::read(&s.cron, &s.time_zone));
            let next = next.transpose()?.and_then(|times| times.after(Utc::now()));
            schedules.pause(&alter.name, Pause::No, next, &session.user()).await
        }
        ScheduleChange::Drop(_) => schedules.drop(&alter.name, &session.user()).await,
    };
    match done {
        Err(error) if is_missing(&error) && alter.change == ScheduleChange::Drop(OnMissing::Skip) => {
            session.notice("NOTICE", "00000", format!("{}, skipping", error.message()));
        }
        other => other?,
    }
    Ok(Done::Tag(tag.to_owned()))
}

/// The statement with the catalog in its names: it is run in a session with another one. The catalog must be there.
fn in_any_session(session: &Arc<Session>, statement: &StatementKind) -> Result<String> {
    Ok(match statement {
        StatementKind::Scan(scan) => {
            let (source, scope) = scan::target(session, &scan.target)?;
            Scan { target: scan::qualified(&source, &scope), ..scan.clone() }.to_string()
        }
        StatementKind::Analyze(analyze) => {
            let (catalog, schema, table) = show::full_name(session, &analyze.table)?;
            session.gateway().catalogs().source(&catalog)?;
            Analyze { table: ObjectName(vec![catalog, schema, table]), ..analyze.clone() }.to_string()
        }
        other => other.to_string(),
    })
}

fn is_missing(error: &Error) -> bool {
    error.kind() == ErrorKind::UndefinedObject
}
