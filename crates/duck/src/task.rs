//! One running statement: a blocking thread that fetches, a bounded channel, and the guard that interrupts DuckDB when the reader goes away.

use crate::cache::Visit;
use crate::ffi::Interrupter;
use crate::request::named;
use crate::rooms::Lease;
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use futures::Stream;
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;
use weft_core::store::Store;
use weft_core::{Error, ErrorKind, Result, conform};

/// Batches fetched ahead of the reader. DuckDB's own chunks are small (2048 rows).
const BATCHES_AHEAD: usize = 16;

/// Batches that a reader who lags behind takes at once, and has as one: each hop of a batch to the client wakes somebody.
const BATCHES_AT_ONCE: usize = 8;

/// Bytes of batches that are put together.
const BYTES_AT_ONCE: usize = 2 << 20;

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
    let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
    let running = Arc::new(Mutex::new(Some(task.lease.connection().interrupter())));
    let requests = task.visit.as_ref().map(Visit::leave);
    let schema = task.schema.clone();
    let guard = InterruptGuard { running: running.clone(), requests };
    tokio::task::spawn_blocking(move || {
        fetch(&task, &sender);
        // From here on the guard cannot reach the connection, which may serve another statement at once.
        running.lock().take();
        drop(task.visit);
        task.lease.give_back();
        drop(task.permit);
    });
    TaskStream { receiver, schema, taken: Vec::new(), _guard: guard }
}

/// Fetches until the end, an error, or until nobody reads.
fn fetch(task: &Task, sender: &mpsc::Sender<Result<RecordBatch>>) {
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
    for batch in results {
        let batch = batch.map_err(|e| task.explain(e)).and_then(|b| conform(b, &task.schema));
        let failed = batch.is_err();
        if sender.blocking_send(batch).is_err() || failed {
            return;
        }
    }
}

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
    receiver: mpsc::Receiver<Result<RecordBatch>>,
    schema: SchemaRef,
    /// What has been taken and not given out, the first at the end.
    taken: Vec<Result<RecordBatch>>,
    _guard: InterruptGuard,
}

impl TaskStream {
    /// The batches at the front that are small enough, as one.
    fn next_of_taken(&mut self) -> Option<Result<RecordBatch>> {
        let first = match self.taken.pop()? {
            Ok(batch) => batch,
            error => return Some(error),
        };
        let mut bytes = first.get_array_memory_size();
        let mut together = vec![first];
        while let Some(Ok(next)) = self.taken.last() {
            bytes = bytes.saturating_add(next.get_array_memory_size());
            if bytes > BYTES_AT_ONCE {
                break;
            }
            together.extend(self.taken.pop().and_then(Result::ok));
        }
        if let [_] = together[..] {
            return together.pop().map(Ok);
        }
        let batch = concat_batches(&self.schema, &together);
        Some(batch.map_err(|e| Error::internal("DuckDB's batches cannot be put together").with_source(e)))
    }
}

impl Stream for TaskStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = &mut *self;
        if me.taken.is_empty() {
            ready!(me.receiver.poll_recv_many(cx, &mut me.taken, BATCHES_AT_ONCE));
            me.taken.reverse();
        }
        Poll::Ready(me.next_of_taken())
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
