//! Jobs: long work, with its progress and its end. A job whose gateway has gone is `interrupted`. It must not know what a job does.

use crate::db::{Id, Pool, Row, now};
use crate::store::Metastore;
use chrono::{DateTime, Utc};
use std::fmt;
use uuid::Uuid;
use weft_core::{Error, Result};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It works.
    Running,
    /// It is done.
    Succeeded,
    /// It met an error.
    Failed,
    /// Somebody did not want it any more.
    Cancelled,
    /// Its gateway has gone.
    Interrupted,
}

impl JobState {
    const ALL: [JobState; 5] =
        [JobState::Running, JobState::Succeeded, JobState::Failed, JobState::Cancelled, JobState::Interrupted];

    fn of(text: &str) -> Option<JobState> {
        JobState::ALL.into_iter().find(|state| state.to_string() == text)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JobState::Running => "running",
            JobState::Succeeded => "succeeded",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
            JobState::Interrupted => "interrupted",
        })
    }
}

/// A job as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// Its id.
    pub id: Uuid,
    /// `scan`, ….
    pub kind: String,
    /// The statement that began it, without secrets.
    pub statement: String,
    /// The catalog that it works on.
    pub catalog: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// Who began it.
    pub owner: String,
    /// What has been done.
    pub done: i64,
    /// What there is to do, as far as is known.
    pub total: Option<i64>,
    /// SQLSTATE and message of what it met.
    pub error: Option<(String, String)>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A job to be.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'a> {
    /// `scan`, ….
    pub kind: &'a str,
    /// The statement that begins it, without secrets.
    pub statement: &'a str,
    /// The catalog that it works on.
    pub catalog: Option<&'a str>,
    /// Who begins it.
    pub owner: &'a str,
}

/// The repository of jobs.
pub struct Jobs<'m> {
    pub(crate) store: &'m Metastore,
}

impl Jobs<'_> {
    /// A new job, which runs. Of those that have ended, with their scans and the changes that these found, so many are kept.
    pub async fn begin(&self, job: NewJob<'_>, kept: usize) -> Result<Uuid> {
        let id = Uuid::now_v7();
        let kept = i64::try_from(kept).unwrap_or(i64::MAX);
        let begin = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            for old in [
                "DELETE FROM changes WHERE scan_id IN (SELECT s.id FROM scans s JOIN jobs j ON j.id = s.job_id \
                 WHERE j.state <> 'running' AND j.created_at < (SELECT created_at FROM jobs ORDER BY created_at DESC LIMIT 1 OFFSET $1))",
                "DELETE FROM scans WHERE job_id IN (SELECT id FROM jobs \
                 WHERE state <> 'running' AND created_at < (SELECT created_at FROM jobs ORDER BY created_at DESC LIMIT 1 OFFSET $1))",
                "DELETE FROM jobs \
                 WHERE state <> 'running' AND created_at < (SELECT created_at FROM jobs ORDER BY created_at DESC LIMIT 1 OFFSET $1)",
            ] {
                transaction.query(old).bind(kept).execute().await?;
            }
            transaction
                .query(
                    "INSERT INTO jobs (id, kind, statement, catalog_name, state, owner, created_at) \
                     VALUES ($1, $2, $3, $4, 'running', $5, $6)",
                )
                .bind(Id(id))
                .bind(job.kind)
                .bind(job.statement)
                .bind(job.catalog)
                .bind(job.owner)
                .bind(now())
                .execute()
                .await?;
            transaction.commit().await?;
            Ok(id)
        };
        self.store.write(begin).await
    }

    /// The end of a job that runs.
    pub async fn end(
        &self,
        id: Uuid,
        state: JobState,
        done: i64,
        total: Option<i64>,
        error: Option<&Error>,
    ) -> Result<()> {
        let end = |db: Pool| async move {
            db.query(
                "UPDATE jobs SET state = $2, done = $3, total = $4, sqlstate = $5, error = $6, ended_at = $7 \
                 WHERE id = $1 AND state = 'running'",
            )
            .bind(Id(id))
            .bind(state.to_string())
            .bind(done)
            .bind(total)
            .bind(error.map(|e| e.kind().sqlstate()))
            .bind(error.map(Error::message))
            .bind(now())
            .execute()
            .await?;
            Ok(())
        };
        self.store.write(end).await
    }

    /// Marks the jobs that a gateway on this store has left running; what their scans had staged goes.
    pub async fn interrupt_all(&self) -> Result<u64> {
        let mark = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let marked = transaction
                .query("UPDATE jobs SET state = 'interrupted', ended_at = $1 WHERE state = 'running'")
                .bind(now())
                .execute()
                .await?;
            for staged in ["DELETE FROM staged_tables", "DELETE FROM staged_schemas", "DELETE FROM staged_files"] {
                transaction.query(staged).execute().await?;
            }
            transaction.commit().await?;
            Ok(marked)
        };
        self.store.write(mark).await
    }

    /// The newest jobs first.
    pub async fn list(&self) -> Result<Vec<JobRecord>> {
        let list = |db: Pool| async move {
            let rows = db.query("SELECT * FROM jobs ORDER BY created_at DESC, id DESC").fetch_all().await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }

    /// The job of this id.
    pub async fn get(&self, id: Uuid) -> Result<Option<JobRecord>> {
        let get = |db: Pool| async move {
            let row = db.query("SELECT * FROM jobs WHERE id = $1").bind(Id(id)).fetch_optional().await?;
            Ok(row.as_ref().map(read).transpose()?)
        };
        self.store.read(get).await
    }
}

fn read(row: &Row) -> Result<JobRecord, sqlx::Error> {
    let state: String = row.try_get("state")?;
    let error = match (row.try_get::<Option<String>>("sqlstate")?, row.try_get::<Option<String>>("error")?) {
        (Some(sqlstate), Some(message)) => Some((sqlstate, message)),
        _ => None,
    };
    Ok(JobRecord {
        id: row.id()?,
        kind: row.try_get("kind")?,
        statement: row.try_get("statement")?,
        catalog: row.try_get("catalog_name")?,
        state: JobState::of(&state).ok_or_else(|| sqlx::Error::Decode(format!("job state {state}").into()))?,
        owner: row.try_get("owner")?,
        done: row.try_get("done")?,
        total: row.try_get("total")?,
        error,
        created_at: row.try_get("created_at")?,
        ended_at: row.try_get("ended_at")?,
    })
}
