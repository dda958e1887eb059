//! Statements of a session that were planned and wait to be fetched, and those that run, by opaque ids and within bounds. A ticket is good for one fetch: who
//! wants the rows again asks again. It must not know how a statement is run.

use super::statement::Planned;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use weft_core::{Error, ErrorKind, Result};

/// Statements of one session that wait or run.
const MAX_COUNT: usize = 1_000;

/// What stands for a statement; nobody can guess it.
pub(crate) type Id = [u8; 16];

/// A new one.
pub(crate) fn new_id() -> Id {
    rand::random()
}

/// See above.
pub(crate) struct Tickets {
    inner: Arc<Mutex<Inner>>,
    patience: Duration,
    max_bytes: usize,
}

#[derive(Default)]
struct Inner {
    waiting: HashMap<Id, Waiting>,
    running: HashMap<Id, CancellationToken>,
}

struct Waiting {
    planned: Planned,
    until: Instant,
}

/// A statement that runs until this is dropped.
pub(crate) struct Running {
    id: Id,
    inner: Arc<Mutex<Inner>>,
    /// Fires when it must stop.
    pub(crate) stop: CancellationToken,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.inner.lock().running.remove(&self.id);
    }
}

impl Tickets {
    /// None yet. One that is not fetched for so long is forgotten; `max_bytes` bounds the sum of their parameters.
    pub(crate) fn new(patience: Duration, max_bytes: usize) -> Self {
        Tickets { inner: Arc::default(), patience, max_bytes }
    }

    /// Keeps a statement until it is fetched.
    pub(crate) fn put(&self, planned: Planned) -> Result<Id> {
        let mut inner = self.inner.lock();
        let now = Instant::now();
        inner.waiting.retain(|_, waiting| waiting.until > now);
        let bytes: usize = inner.waiting.values().map(|waiting| waiting.planned.bytes).sum();
        if inner.waiting.len() + inner.running.len() >= MAX_COUNT || bytes + planned.bytes > self.max_bytes {
            return Err(full(self.max_bytes));
        }
        let id = new_id();
        inner.waiting.insert(id, Waiting { planned, until: now + self.patience });
        Ok(id)
    }

    /// The statement, which runs from now on and can be cancelled by the same id.
    pub(crate) fn take(&self, id: &[u8]) -> Result<(Planned, Running)> {
        let waiting = self.inner.lock().waiting.remove_entry(id).filter(|(_, waiting)| waiting.until > Instant::now());
        let (id, waiting) = waiting.ok_or_else(|| {
            Error::new(ErrorKind::InvalidCursorName, "the ticket is not known")
                .with_detail(
                    "A ticket is good for one fetch, within flight_ticket_timeout, in the session that got it.",
                )
                .with_hint("Call GetFlightInfo again.")
        })?;
        Ok((waiting.planned, self.run(id)?))
    }

    /// A statement that runs from now on.
    pub(crate) fn run(&self, id: Id) -> Result<Running> {
        let mut inner = self.inner.lock();
        if inner.running.len() >= MAX_COUNT {
            return Err(full(self.max_bytes));
        }
        let stop = CancellationToken::new();
        inner.running.insert(id, stop.clone());
        Ok(Running { id, inner: self.inner.clone(), stop })
    }

    /// Forgets the statement, or stops it; whether it was there.
    pub(crate) fn cancel(&self, id: &[u8]) -> bool {
        let mut inner = self.inner.lock();
        let forgotten = inner.waiting.remove(id).is_some();
        let stopped = inner.running.get(id).map(CancellationToken::cancel).is_some();
        forgotten || stopped
    }

    /// Forgets all, and stops all.
    pub(crate) fn stop_all(&self) {
        let mut inner = self.inner.lock();
        inner.waiting.clear();
        inner.running.values().for_each(CancellationToken::cancel);
    }
}

fn full(max_bytes: usize) -> Error {
    Error::new(ErrorKind::ProgramLimitExceeded, "too many statements in this session")
        .with_detail(format!(
            "{MAX_COUNT} of them may wait for being fetched or run, with parameters of {max_bytes} bytes in all."
        ))
        .with_hint("Fetch those that were asked for, or cancel them.")
}
