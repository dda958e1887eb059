//! What a gateway has experienced with each worker: how many statements it has there, and whether it failed lately. It must not know why.

use crate::record::Record;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a worker rests after its first failure; twice as long after each further one.
const FIRST_REST: Duration = Duration::from_secs(1);

/// The longest rest.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// One life of a worker: after a restart it begins with a clean slate.
type Life = (String, u64);

/// The experience with all workers.
#[derive(Debug, Default)]
pub(crate) struct Standings(Mutex<HashMap<Life, Standing>>);

#[derive(Debug, Default, Clone, Copy)]
struct Standing {
    running: usize,
    failures: u32,
    rests_until: Option<Instant>,
}

impl Standings {
    /// Statements that this gateway has there.
    pub(crate) fn running(&self, worker: &Record) -> usize {
        self.get(worker).running
    }

    /// Whether it is left alone for now.
    pub(crate) fn rests(&self, worker: &Record) -> bool {
        self.get(worker).rests_until.is_some_and(|until| until > Instant::now())
    }

    /// It has failed.
    pub(crate) fn failed(&self, worker: &Record) {
        self.change(worker, |standing| {
            let now = Instant::now();
            // Statements that were there together fail together: one failure.
            if standing.rests_until.is_none_or(|until| until <= now) {
                let rest = FIRST_REST.saturating_mul(1 << standing.failures.min(10)).min(LONGEST_REST);
                standing.failures += 1;
                standing.rests_until = Some(now + rest);
            }
        });
    }

    /// It has done what it was asked.
    pub(crate) fn worked(&self, worker: &Record) {
        self.change(worker, |standing| {
            standing.failures = 0;
            standing.rests_until = None;
        });
    }

    /// Counts a statement there until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>, worker: &Record) -> Engaged {
        self.change(worker, |standing| standing.running += 1);
        Engaged { standings: self.clone(), life: life(worker) }
    }

    /// Forgets those that are not among these and have no statements.
    pub(crate) fn keep(&self, workers: &[Record]) {
        self.0.lock().retain(|(id, incarnation), standing| {
            standing.running > 0 || workers.iter().any(|w| w.id == *id && w.incarnation == *incarnation)
        });
    }

    fn get(&self, worker: &Record) -> Standing {
        self.0.lock().get(&life(worker)).copied().unwrap_or_default()
    }

    fn change(&self, worker: &Record, change: impl FnOnce(&mut Standing)) {
        change(self.0.lock().entry(life(worker)).or_default());
    }
}

fn life(worker: &Record) -> Life {
    (worker.id.clone(), worker.incarnation)
}

/// A statement that is counted.
#[derive(Debug)]
pub(crate) struct Engaged {
    standings: Arc<Standings>,
    life: Life,
}

impl Drop for Engaged {
    fn drop(&mut self) {
        if let Some(standing) = self.standings.0.lock().get_mut(&self.life) {
            standing.running = standing.running.saturating_sub(1);
        }
    }
}
