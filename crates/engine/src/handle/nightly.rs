//! The scans that a source has by itself: a schedule of its own, made with the catalog and gone with it. Users may pause it as any other.

use crate::catalog::Source;
use crate::schedule::Times;
use crate::session::Session;
use chrono::Utc;
use std::collections::BTreeMap;
use std::sync::Arc;
use weft_core::name::quote_identifier;
use weft_core::{ErrorKind, Result};
use weft_meta::{Pause, ScheduleRecord};

/// When a source is scanned, unless its catalog says otherwise.
const NIGHTLY: &str = "0 0 * * *";

/// The properties by which a catalog says when and how deep.
const PROPERTIES: [&str; 2] = ["scan_schedule", "scan_level"];

/// The times at which the properties want a source to be scanned; nothing if never.
pub(super) fn times(with: &BTreeMap<String, String>) -> Result<Option<&str>> {
    let cron = with.get("scan_schedule").map_or(NIGHTLY, String::as_str);
    if cron == "off" {
        return Ok(None);
    }
    Times::written(cron, "UTC", Utc::now())?;
    Ok(Some(cron))
}

/// Whether one of these properties is about that.
pub(super) fn concerns(properties: &[(String, String)]) -> bool {
    properties.iter().any(|(name, _)| PROPERTIES.contains(&name.as_str()))
}

fn name_of(catalog: &str) -> String {
    format!("scan_{catalog}")
}

/// Has a source scanned at the times that its catalog names. A schedule of the same name stays as it is.
pub(super) async fn begin(session: &Arc<Session>, source: &Source, before: Option<ScheduleRecord>) -> Result<()> {
    let with = &source.record.definition.with;
    let Some(cron) = times(with)? else { return Ok(()) };
    let catalog = quote_identifier(source.name());
    let statement = match with.get("scan_level").map(String::as_str) {
        Some("table") => format!("SCAN CATALOG {catalog} LEVEL 2"),
        Some("field") => format!("SCAN CATALOG {catalog} LEVEL 2 WITH (statistics = 'true')"),
        _ => format!("SCAN CATALOG {catalog} LEVEL 1"),
    };
    let now = Utc::now();
    let schedule = ScheduleRecord {
        name: name_of(source.name()),
        cron: cron.to_owned(),
        time_zone: "UTC".to_owned(),
        statement,
        owner: before.as_ref().map_or_else(|| session.user(), |b| b.owner.clone()),
        paused: before.as_ref().map_or(Pause::No, |b| b.paused),
        next_run_at: Some(Times::written(cron, "UTC", now)?),
        last_run_at: None,
        last_outcome: None,
        created_at: now,
    };
    let schedules = session.gateway().metastore().schedules();
    let paused = schedule.paused == Pause::Yes;
    match schedules.create(&schedule).await {
        Ok(()) if paused => schedules.pause(&schedule.name, Pause::Yes, None, &session.user()).await,
        Err(error) if error.kind() == ErrorKind::DuplicateObject => {
            session.notice("NOTICE", "00000", format!("{}: it is left as it is", error.message()));
            Ok(())
        }
        other => other,
    }
}

/// The source is not scanned by itself any more. A schedule of that name that somebody else has made stays.
pub(super) async fn end(session: &Arc<Session>, catalog: &str) -> Result<Option<ScheduleRecord>> {
    let schedules = session.gateway().metastore().schedules();
    let own = format!("SCAN CATALOG {} LEVEL ", quote_identifier(catalog));
    let name = name_of(catalog);
    let found = schedules.list().await?.into_iter().find(|s| s.name == name && s.statement.starts_with(&own));
    if found.is_some() {
        schedules.drop(&name, &session.user()).await?;
    }
    Ok(found)
}
