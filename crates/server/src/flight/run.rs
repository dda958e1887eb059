//! Running statements: a task for each result, which computes at most a few batches ahead of its client, and stops when the client leaves, cancels, reads
//! nothing for too long, or the statement's time is over. It must not know how batches are written.

use super::fit::fit;
use super::statement::{Planned, settle, settled};
use super::tickets::Running;
use super::visitor::Visit;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::{Outcome, Prepared, Rows, ScalarValue, Session};

/// Batches computed ahead of what the client has taken.
const AHEAD: usize = 2;

/// How long a client that is told of an error may take to hear it.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the task of a result hands to its reader.
enum Part {
    Batch(RecordBatch),
    /// The last one. Without it the task has died.
    End,
}

type Sender = mpsc::Sender<Result<Part>>;

/// The rows of a statement, as they come. What is wrong with it before the first row is told at once.
pub(crate) async fn rows(
    visit: Visit,
    planned: Planned,
    running: Running,
) -> Result<impl Stream<Item = Result<RecordBatch>> + Send + use<>> {
    let session = visit.session();
    let mut sets = planned.sets.into_iter();
    let values = sets.next().unwrap_or_default();
    let first = settled(&session, execute(&session, &planned.prepared, values, &running)).await?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    let stall = visit.access().gateway().settings().client_write_timeout.0;
    let work = Work { session, prepared: planned.prepared, schema: planned.schema, running, sender, stall };
    tokio::spawn(async move {
        // The session is not idle as long as this runs.
        let _visit = visit;
        work.run(first, sets).await;
    });
    let parts = stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Ok(Part::Batch(batch))) => Some((Ok(batch), Some(receiver))),
            Some(Ok(Part::End)) => None,
            Some(Err(error)) => Some((Err(error), None)),
            None => Some((Err(Error::internal("the task of a result has died")), None)),
        }
    });
    Ok(parts)
}

/// Runs a statement once for each set of values; tells how many rows it changed or returned.
pub(crate) async fn update(visit: &Visit, planned: Planned, running: &Running) -> Result<i64> {
    let session = visit.session();
    let sets = if planned.sets.is_empty() { vec![Vec::new()] } else { planned.sets };
    let mut count = 0;
    for values in sets {
        count += settled(&session, async {
            match execute(&session, &planned.prepared, values, running).await? {
                Outcome::Rows(rows) => counted(rows, running).await,
                Outcome::Done(tag) => Ok(changed(&tag)),
                Outcome::Empty => Ok(0),
            }
        })
        .await?;
    }
    Ok(count)
}

async fn counted(mut rows: Rows, running: &Running) -> Result<i64> {
    let mut count = 0;
    loop {
        let batch = tokio::select! {
            biased;
            () = running.stop.cancelled() => return Err(cancelled()),
            batch = rows.batches.try_next() => batch?,
        };
        match batch {
            Some(batch) => count += batch.num_rows() as i64,
            None => return Ok(count),
        }
    }
}

/// The rows that a command tag tells of: `INSERT 0 5`, `UPDATE 3`.
fn changed(tag: &str) -> i64 {
    tag.rsplit(' ').next().and_then(|last| last.parse().ok()).unwrap_or(0)
}

async fn execute(
    session: &Arc<Session>,
    prepared: &Arc<Prepared>,
    values: Vec<ScalarValue>,
    running: &Running,
) -> Result<Outcome> {
    stoppable(running, session.execute(prepared, values)).await
}

/// Does work until it is cancelled.
pub(crate) async fn stoppable<T>(running: &Running, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        biased;
        () = running.stop.cancelled() => Err(cancelled()),
        done = work => done,
    }
}

fn cancelled() -> Error {
    Error::new(ErrorKind::QueryCanceled, "canceling statement due to user request")
}

/// A result on its way.
struct Work {
    session: Arc<Session>,
    prepared: Arc<Prepared>,
    schema: SchemaRef,
    running: Running,
    sender: Sender,
    stall: Duration,
}

impl Work {
    async fn run(self, first: Outcome, sets: impl Iterator<Item = Vec<ScalarValue>>) {
        let done = tokio::select! {
            biased;
            // The client has left: dropping the rows stops the work behind them.
            () = self.sender.closed() => return settle(&self.session, None),
            done = self.all(first, sets) => done,
        };
        settle(&self.session, done.as_ref().err());
        let last = done.map(|()| Part::End);
        // Nobody needs to hear it who does not listen.
        let _ = tokio::time::timeout(FAREWELL.max(self.stall), self.sender.send(last)).await;
    }

    async fn all(&self, first: Outcome, sets: impl Iterator<Item = Vec<ScalarValue>>) -> Result<()> {
        self.send(first).await?;
        for values in sets {
            let outcome = execute(&self.session, &self.prepared, values, &self.running).await?;
            self.send(outcome).await?;
        }
        Ok(())
    }

    async fn send(&self, outcome: Outcome) -> Result<()> {
        let Outcome::Rows(Rows { mut batches, interrupt, .. }) = outcome else { return Ok(()) };
        loop {
            let batch = tokio::select! {
                biased;
                () = self.running.stop.cancelled() => return Err(cancelled()),
                batch = batches.next() => batch,
            };
            let Some(batch) = batch else { return Ok(()) };
            let batch = fit(batch?, &self.schema)?;
            if batch.num_rows() == 0 {
                continue;
            }
            tokio::select! {
                biased;
                () = self.running.stop.cancelled() => return Err(cancelled()),
                error = interrupt.fired() => return Err(error),
                sent = tokio::time::timeout(self.stall, self.sender.send(Ok(Part::Batch(batch)))) => match sent {
                    Ok(_) => {}
                    Err(_) => {
                        let message = "the client has taken no rows for client_write_timeout";
                        return Err(Error::new(ErrorKind::QueryCanceled, message));
                    }
                },
            }
        }
    }
}
