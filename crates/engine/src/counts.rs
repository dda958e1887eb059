//! What is counted of statements from the start of the gateway on. It must not know how the numbers are shown.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use weft_core::ErrorKind;

/// Upper bounds of the classes of how long statements took, in seconds. What takes longer than the last is in a class of its own.
pub const BOUNDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0];

/// The counters.
#[derive(Debug, Default)]
pub struct Counts {
    finished: AtomicU64,
    abandoned: AtomicU64,
    /// By SQLSTATE, of which there are some dozens.
    failed: Mutex<BTreeMap<&'static str, u64>>,
    rows: AtomicU64,
    bytes: AtomicU64,
    micros: AtomicU64,
    classes: [AtomicU64; BOUNDS.len() + 1],
    logins: AtomicU64,
    refused: AtomicU64,
    running: AtomicUsize,
}

/// What the counters say at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// Statements that ended with their last row.
    pub finished: u64,
    /// Statements of which no more rows were wanted.
    pub abandoned: u64,
    /// Statements that ended with an error, by SQLSTATE.
    pub failed: BTreeMap<&'static str, u64>,
    /// Rows that statements returned.
    pub rows: u64,
    /// Bytes of these rows in memory.
    pub bytes: u64,
    /// How long all statements took that were executed.
    pub total: Duration,
    /// How many took at most as long as each of [`BOUNDS`], but longer than the one before; then those that took longer than all.
    pub classes: Vec<u64>,
    /// Sessions that began.
    pub logins: u64,
    /// Logins that were refused.
    pub refused: u64,
}

impl Counts {
    /// A statement begins; it is counted when what this returns is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::AcqRel);
        Running { counts: self.clone(), began: Instant::now(), end: End::Abandoned }
    }

    /// A statement has failed before it began.
    pub(crate) fn failed(&self, kind: ErrorKind) {
        *self.failed.lock().entry(kind.sqlstate()).or_default() += 1;
    }

    /// A session began.
    pub(crate) fn logged_in(&self) {
        self.logins.fetch_add(1, Ordering::Relaxed);
    }

    /// A login was refused.
    pub fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Statements that have not ended yet.
    pub fn running(&self) -> usize {
        self.running.load(Ordering::Acquire)
    }

    /// What they say now.
    pub fn now(&self) -> Counted {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counted {
            finished: of(&self.finished),
            abandoned: of(&self.abandoned),
            failed: self.failed.lock().clone(),
            rows: of(&self.rows),
            bytes: of(&self.bytes),
            total: Duration::from_micros(of(&self.micros)),
            classes: self.classes.iter().map(of).collect(),
            logins: of(&self.logins),
            refused: of(&self.refused),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum End {
    Finished,
    Failed(ErrorKind),
    Abandoned,
}

/// A statement that runs.
#[derive(Debug)]
pub(crate) struct Running {
    counts: Arc<Counts>,
    began: Instant,
    end: End,
}

impl Running {
    /// Rows came.
    pub(crate) fn returned(&self, rows: usize, bytes: usize) {
        self.counts.rows.fetch_add(rows as u64, Ordering::Relaxed);
        self.counts.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// It has ended, with an error or without.
    pub(crate) fn ended(&mut self, error: Option<ErrorKind>) {
        self.end = error.map_or(End::Finished, End::Failed);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let (counts, took) = (&self.counts, self.began.elapsed());
        match self.end {
            End::Finished => _ = counts.finished.fetch_add(1, Ordering::Relaxed),
            End::Abandoned => _ = counts.abandoned.fetch_add(1, Ordering::Relaxed),
            End::Failed(kind) => counts.failed(kind),
        }
        counts.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let class = BOUNDS.iter().position(|bound| took.as_secs_f64() <= *bound).unwrap_or(BOUNDS.len());
        if let Some(class) = counts.classes.get(class) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        counts.running.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_counted_when_it_ends() {
        let counts = Arc::new(Counts::default());
        let mut statement = counts.begin();
        statement.returned(3, 24);
        statement.ended(None);
        assert_eq!((counts.now().finished, counts.running()), (0, 1));
        drop(statement);
        counts.begin().ended(Some(ErrorKind::DivisionByZero));
        drop(counts.begin());
        let now = counts.now();
        assert_eq!(counts.running(), 0);
        assert_eq!((now.finished, now.abandoned, now.rows, now.bytes), (1, 1, 3, 24));
        assert_eq!(now.failed.into_iter().collect::<Vec<_>>(), [("22012", 1)]);
        assert_eq!(now.classes.iter().sum::<u64>(), 3);
    }
}
