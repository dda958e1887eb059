//! Jobs whose gateway has gone: marked as interrupted, and begun anew by exactly one of those that live, once.

use super::{JobRecord, JobState, Jobs, read};
use crate::db::{Id, Pool, now};
use crate::error::Failure;
use crate::gateways::living;
use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_core::Result;

/// When it is asked which jobs are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The gateway has started then: what is said to run here since before that is of its former process.
    Start(DateTime<Utc>),
    /// It runs, with jobs of its own.
    Later,
}

/// What was left by gateways that have gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenOver {
    /// Jobs that were marked.
    pub interrupted: usize,
    /// Jobs that were begun in the place of some of them, for this gateway to run.
    pub begun: Vec<JobRecord>,
}

impl Jobs<'_> {
    /// Marks the jobs of gateways that have gone; what their scans had staged goes. Those of these kinds are begun anew, for `gateway` to run, unless
    /// they are a second try themselves. A job is taken over by one gateway: this is one transaction, and no other one writes meanwhile.
    pub async fn take_over(&self, gateway: Uuid, moment: Moment, kinds: &[&str]) -> Result<TakenOver> {
        let take = |db: Pool| async move {
            // Most of the time nothing is left, and nothing is locked.
            let mut snapshot = db.snapshot().await?;
            if left(&mut snapshot, gateway, moment).await?.is_empty() {
                return Ok(TakenOver::default());
            }
            drop(snapshot);
            let mut transaction = db.begin().await?;
            let left = left(&mut transaction, gateway, moment).await?;
            let mut taken = TakenOver { interrupted: left.len(), begun: Vec::new() };
            for job in left {
                let sql = "UPDATE jobs SET state = 'interrupted', ended_at = $2 WHERE id = $1 AND state = 'running'";
                transaction.query(sql).bind(Id(job.id)).bind(now()).execute().await?;
                if job.retried_of.is_some() || !kinds.contains(&job.kind.as_str()) {
                    continue;
                }
                let again = JobRecord {
                    id: Uuid::now_v7(),
                    state: JobState::Running,
                    done: 0,
                    total: None,
                    gateway: Some(gateway),
                    retried_of: Some(job.id),
                    created_at: now(),
                    ..job
                };
                transaction
                    .query(
                        "INSERT INTO jobs (id, kind, statement, catalog_name, state, owner, created_at, gateway_id, retried_of) \
                         VALUES ($1, $2, $3, $4, 'running', $5, $6, $7, $8)",
                    )
                    .bind(Id(again.id))
                    .bind(&again.kind)
                    .bind(&again.statement)
                    .bind(&again.catalog)
                    .bind(&again.owner)
                    .bind(again.created_at)
                    .bind(again.gateway.map(Id))
                    .bind(again.retried_of.map(Id))
                    .execute()
                    .await?;
                taken.begun.push(again);
            }
            for staged in [
                "DELETE FROM staged_tables WHERE scan_id NOT IN \
                 (SELECT s.id FROM scans s JOIN jobs j ON j.id = s.job_id WHERE j.state = 'running')",
                "DELETE FROM staged_schemas WHERE scan_id NOT IN \
                 (SELECT s.id FROM scans s JOIN jobs j ON j.id = s.job_id WHERE j.state = 'running')",
                "DELETE FROM staged_files WHERE scan_id NOT IN \
                 (SELECT s.id FROM scans s JOIN jobs j ON j.id = s.job_id WHERE j.state = 'running')",
            ] {
                transaction.query(staged).execute().await?;
            }
            transaction.commit().await?;
            Ok(taken)
        };
        self.store.write(take).await
    }
}

/// The jobs that are said to run and do not.
async fn left(
    transaction: &mut crate::db::Transaction,
    gateway: Uuid,
    moment: Moment,
) -> Result<Vec<JobRecord>, Failure> {
    let rows = transaction.query("SELECT * FROM jobs WHERE state = 'running' ORDER BY created_at").fetch_all().await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let living = living(transaction).await?;
    let mut jobs = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    jobs.retain(|job| match job.gateway {
        Some(owner) if owner == gateway => match moment {
            Moment::Start(started) => job.created_at < started,
            Moment::Later => false,
        },
        Some(owner) => !living.contains(&owner),
        None => true,
    });
    Ok(jobs)
}
