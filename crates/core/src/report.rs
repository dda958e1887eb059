//! What happened to a statement: who ran it, how often it was tried, what it cost. Workers' clients write it, EXPLAIN and system tables read it.

use chrono::{DateTime, Utc};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The attempts at one statement. Written while it runs.
#[derive(Debug, Default)]
pub struct Report {
    attempts: Mutex<Vec<Attempt>>,
}

/// One attempt.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The worker's name.
    pub worker: Arc<str>,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// When it ended; none while it runs.
    pub ended_at: Option<DateTime<Utc>>,
    /// Rows that came.
    pub rows: u64,
    /// Bytes of these rows in memory.
    pub bytes: u64,
    /// Bytes of objects that the worker had in its cache.
    pub cached_bytes: u64,
    /// Bytes of objects that the worker had to fetch.
    pub fetched_bytes: u64,
    /// How it ended.
    pub outcome: Outcome,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has not.
    Running,
    /// With the last row.
    Finished,
    /// Nobody wanted more rows.
    Abandoned,
    /// With this error.
    Failed(String),
}

impl Report {
    /// Begins an attempt; the number is its place.
    pub fn begin(&self, worker: Arc<str>) -> usize {
        let mut attempts = self.lock();
        attempts.push(Attempt {
            worker,
            started_at: Utc::now(),
            ended_at: None,
            rows: 0,
            bytes: 0,
            cached_bytes: 0,
            fetched_bytes: 0,
            outcome: Outcome::Running,
        });
        attempts.len() - 1
    }

    /// Changes an attempt.
    pub fn update(&self, attempt: usize, change: impl FnOnce(&mut Attempt)) {
        if let Some(attempt) = self.lock().get_mut(attempt) {
            change(attempt);
        }
    }

    /// Ends an attempt, unless it has ended.
    pub fn end(&self, attempt: usize, outcome: Outcome) {
        self.update(attempt, |attempt| {
            if attempt.ended_at.is_none() {
                attempt.ended_at = Some(Utc::now());
                attempt.outcome = outcome;
            }
        });
    }

    /// The attempts so far.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Attempt>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of objects that a statement has taken so far: counted where they are read, looked at by whoever reports. What DuckDB still has in its memory is
/// asked of nobody, and not counted.
#[derive(Debug, Default)]
pub struct Traffic {
    cached: AtomicU64,
    fetched: AtomicU64,
}

impl Traffic {
    /// Counts bytes that were at hand.
    pub fn add_cached(&self, bytes: u64) {
        self.cached.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes that had to be fetched from a store for this statement.
    pub fn add_fetched(&self, bytes: u64) {
        self.fetched.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes that were at hand.
    pub fn cached(&self) -> u64 {
        self.cached.load(Ordering::Relaxed)
    }

    /// Bytes that had to be fetched.
    pub fn fetched(&self) -> u64 {
        self.fetched.load(Ordering::Relaxed)
    }
}
