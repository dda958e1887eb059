//! One running statement: a blocking thread that fetches, a bounded channel, and the guard that interrupts DuckDB when the reader goes away.

use crate::cache::Visit;
use crate::convert::conform;
use crate::ffi::Interrupter;
use crate::request::named;
use crate::rooms::Lease;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use futures::Stream;
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;
use weft_core::store::Store;
use weft_core::{Error, ErrorKind, Result};

/// Groups of batches fetched ahead of the reader.
const GROUPS_AHEAD: usize = 2;

/// Batches of a group: DuckDB's own are small (2048 rows), and each group that is handed over wakes somebody.
const BATCHES_AT_ONCE: usize = 8;

/// Bytes after which a group is handed over.
const BYTES_AT_ONCE: usize = 1 << 20;

/// What took longer to fetch is handed over at once, for what follows may take as long.
const SLOW: Duration = Duration::from_millis(5);

/// How often an abandoned statement is interrupted again: DuckDB forgets an interrupt that arrives just before the statement starts.
const INTERRUPT_AGAIN: Duration = Duration::from_millis(20);

/// What a statement needs to run.
pub(crate) struct Task {
    pub(crate) lease: Lease,
    pub(crate) visit: Option<Visit>,
    pub(crate) stores: Vec<Arc<Store>>,
    pub(crate) sql: String,
    pub(crate) schema: SchemaRef,
    pub(crate) permit: OwnedSemaphorePermit,
}

/// Starts the task. Dropping the stream interrupts it; the connection goes back when DuckDB has let go of it.
pub(crate) fn start(task: Task) -> TaskStream {
    let (sender, receiver) = mpsc::channel(GROUPS_AHEAD);
    let running = Arc::new(Mutex::new(Some(task.lease.connection().interrupter())));
    let requests = task.visit.as_ref().map(Visit::leave);
    let guard = InterruptGuard { running: running.clone(), requests };
    tokio::task::spawn_blocking(move || {
        fetch(&task, &sender);
        // From here on the guard cannot reach the connection, which may serve another statement at once.
        running.lock().take();
        drop(task.visit);
        task.lease.give_back();
        drop(task.permit);
    });
    TaskStream { receiver, taken: Vec::new().into_iter(), _guard: guard }
}

/// Fetches until the end, an error, or until nobody reads.
fn fetch(task: &Task, sender: &Sender) {
    if sender.is_closed() {
        return;
    }
    let connection = task.lease.connection();
    let introduced = task.visit.as_ref().map_or(Ok(()), |visit| connection.run(&visit.introduction()));
    let results = match introduced.and_then(|()| connection.stream(&task.sql)) {
        Ok(results) => results,
        Err(error) => {
            // A reader that is gone needs no error.
            let _ = sender.blocking_send(Err(task.explain(error)));
            return;
        }
    };
    let mut group = Group::new();
    let mut asked = Instant::now();
    for batch in results {
        match batch.map_err(|e| task.explain(e)).and_then(|b| conform(b, &task.schema)) {
            Ok(batch) => group.push(batch),
            Err(error) => {
                if group.hand_over(sender).is_ok() {
                    let _ = sender.blocking_send(Err(error));
                }
                return;
            }
        }
        if (group.is_full() || asked.elapsed() > SLOW) && group.hand_over(sender).is_err() {
            return;
        }
        asked = Instant::now();
    }
    let _ = group.hand_over(sender);
}

type Sender = mpsc::Sender<Result<Vec<RecordBatch>>>;

/// Batches that are handed over at once. The first group is one batch, so that first rows come soon; each may be twice as large as the one before.
struct Group {
    batches: Vec<RecordBatch>,
    bytes: usize,
    most: usize,
}

impl Group {
    fn new() -> Group {
        Group { batches: Vec::new(), bytes: 0, most: 1 }
    }

    fn push(&mut self, batch: RecordBatch) {
        self.bytes = self.bytes.saturating_add(batch.get_array_memory_size());
        self.batches.push(batch);
    }

    fn is_full(&self) -> bool {
        self.batches.len() >= self.most || self.bytes >= BYTES_AT_ONCE
    }

    /// Waits until there is room for it; an error if nobody reads any more.
    fn hand_over(&mut self, sender: &Sender) -> Result<(), Unread> {
        if self.batches.is_empty() {
            return Ok(());
        }
        self.most = (self.most * 2).min(BATCHES_AT_ONCE);
        self.bytes = 0;
        sender.blocking_send(Ok(std::mem::take(&mut self.batches))).map_err(|_| Unread)
    }
}

/// Nobody reads the statement's rows.
struct Unread;

impl Task {
    /// An internal error is a statement that DuckDB did not understand: the log needs the statement.
    fn explain(&self, error: Error) -> Error {
        if error.kind() != ErrorKind::Internal {
            return named(error, &self.stores, self.visit.as_ref());
        }
        tracing::error!(sql = self.sql, %error, "DuckDB refused a statement");
        // Objects are described less often than they are read: meanwhile a column may have gone.
        if !self.stores.is_empty() && error.message().starts_with("DuckDB: Binder Error: ") {
            let message = "the columns of a table changed after they had been looked at";
            return Error::new(ErrorKind::ObjectNotInPrerequisiteState, message)
                .with_hint("Run the statement again, after metadata_ttl.")
                .with_source(error);
        }
        error
    }
}

/// The batches of a [`Task`].
pub(crate) struct TaskStream {
    receiver: mpsc::Receiver<Result<Vec<RecordBatch>>>,
    /// What has been taken and not given out.
    taken: std::vec::IntoIter<RecordBatch>,
    _guard: InterruptGuard,
}

impl Stream for TaskStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(batch) = self.taken.next() {
                return Poll::Ready(Some(Ok(batch)));
            }
            match ready!(self.receiver.poll_recv(cx)) {
                Some(Ok(group)) => self.taken = group.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// What to interrupt while the statement runs; empty afterwards. The lock is held during an interrupt, so that it hits this statement or none.
struct InterruptGuard {
    running: Arc<Mutex<Option<Interrupter>>>,
    /// Ends the requests that DuckDB waits for: it hears no interrupt meanwhile.
    requests: Option<CancellationToken>,
}

impl InterruptGuard {
    /// Interrupts the statement; false if it is over.
    fn interrupt(running: &Mutex<Option<Interrupter>>) -> bool {
        let running = running.lock();
        if let Some(interrupter) = running.as_ref() {
            interrupter.interrupt();
        }
        running.is_some()
    }
}

impl Drop for InterruptGuard {
    fn drop(&mut self) {
        if !InterruptGuard::interrupt(&self.running) {
            return;
        }
        if let Some(requests) = &self.requests {
            requests.cancel();
        }
        let running = self.running.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                while InterruptGuard::interrupt(&running) {
                    tokio::time::sleep(INTERRUPT_AGAIN).await;
                }
            });
        }
    }
}
