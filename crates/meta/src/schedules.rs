//! Schedules: statements that are run at certain times. Each run belongs to the gateway that moves the time of the next one on. It must not know cron.

use crate::db::{Pool, Row, now};
use crate::error::Failure;
use crate::store::Metastore;
use crate::versions::{Part, note};
use chrono::{DateTime, Utc};
use weft_core::{Error, ErrorKind, Result};

/// A schedule as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRecord {
    /// Its name.
    pub name: String,
    /// When, as cron has it.
    pub cron: String,
    /// Of which zone the times are.
    pub time_zone: String,
    /// What is run.
    pub statement: String,
    /// As whom.
    pub owner: String,
    /// Whether nothing is run for now.
    pub paused: Pause,
    /// When it is run next; never, if the times have an end.
    pub next_run_at: Option<DateTime<Utc>>,
    /// When it was run last.
    pub last_run_at: Option<DateTime<Utc>>,
    /// What came of that: `succeeded`, or the error.
    pub last_outcome: Option<String>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// Whether a schedule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// It runs.
    No,
    /// It waits to be resumed.
    Yes,
}

/// The repository of schedules.
pub struct Schedules<'m> {
    pub(crate) store: &'m Metastore,
}

impl Schedules<'_> {
    /// Every schedule, by name.
    pub async fn list(&self) -> Result<Vec<ScheduleRecord>> {
        let list = |db: Pool| async move {
            let rows = db.query("SELECT * FROM schedules ORDER BY name").fetch_all().await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }

    /// Stores a new one; 42710 if its name is taken.
    pub async fn create(&self, schedule: &ScheduleRecord) -> Result<()> {
        let create = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let created = transaction
                .query(
                    "INSERT INTO schedules (name, cron, time_zone, statement, owner, next_run_at, created_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING",
                )
                .bind(&schedule.name)
                .bind(&schedule.cron)
                .bind(&schedule.time_zone)
                .bind(&schedule.statement)
                .bind(&schedule.owner)
                .bind(schedule.next_run_at)
                .bind(schedule.created_at)
                .execute()
                .await?;
            if created == 0 {
                let message = format!("schedule \"{}\" already exists", schedule.name);
                return Err(Error::new(ErrorKind::DuplicateObject, message).into());
            }
            note(&mut transaction, Part::Schedules, &schedule.name, &schedule.owner).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(create).await
    }

    /// Pauses or resumes one; 42704 if it is not there.
    pub async fn pause(&self, name: &str, paused: Pause, next_run_at: Option<DateTime<Utc>>, by: &str) -> Result<()> {
        let pause = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let done = transaction
                .query("UPDATE schedules SET is_paused = $2, next_run_at = $3 WHERE name = $1")
                .bind(name)
                .bind(paused == Pause::Yes)
                .bind(next_run_at)
                .execute()
                .await?;
            was_there(name, done)?;
            note(&mut transaction, Part::Schedules, name, by).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(pause).await
    }

    /// Removes one; 42704 if it is not there.
    pub async fn drop(&self, name: &str, by: &str) -> Result<()> {
        let drop = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let done = transaction.query("DELETE FROM schedules WHERE name = $1").bind(name).execute().await?;
            was_there(name, done)?;
            note(&mut transaction, Part::Schedules, name, by).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(drop).await
    }

    /// Moves the next run on; tells whether this was done here, and the run is ours.
    pub async fn claim(&self, schedule: &ScheduleRecord, next: Option<DateTime<Utc>>) -> Result<bool> {
        let claim = |db: Pool| async move {
            let claimed = db
                .query(
                    "UPDATE schedules SET next_run_at = $3, last_run_at = $4, last_outcome = NULL \
                     WHERE name = $1 AND next_run_at = $2 AND NOT is_paused",
                )
                .bind(&schedule.name)
                .bind(schedule.next_run_at)
                .bind(next)
                .bind(now());
            Ok(claimed.execute().await? == 1)
        };
        self.store.write(claim).await
    }

    /// What came of the last run.
    pub async fn ran(&self, name: &str, outcome: &str) -> Result<()> {
        let ran = |db: Pool| async move {
            let ran = db.query("UPDATE schedules SET last_outcome = $2 WHERE name = $1").bind(name).bind(outcome);
            ran.execute().await?;
            Ok(())
        };
        self.store.write(ran).await
    }
}

fn was_there(name: &str, rows: u64) -> Result<(), Failure> {
    match rows {
        0 => Err(Error::new(ErrorKind::UndefinedObject, format!("schedule \"{name}\" does not exist"))
            .with_hint("SHOW SCHEDULES lists them.")
            .into()),
        _ => Ok(()),
    }
}

fn read(row: &Row) -> Result<ScheduleRecord, sqlx::Error> {
    Ok(ScheduleRecord {
        name: row.try_get("name")?,
        cron: row.try_get("cron")?,
        time_zone: row.try_get("time_zone")?,
        statement: row.try_get("statement")?,
        owner: row.try_get("owner")?,
        paused: if row.try_get("is_paused")? { Pause::Yes } else { Pause::No },
        next_run_at: row.try_get("next_run_at")?,
        last_run_at: row.try_get("last_run_at")?,
        last_outcome: row.try_get("last_outcome")?,
        created_at: row.try_get("created_at")?,
    })
}
