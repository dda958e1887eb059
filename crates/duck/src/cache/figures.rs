//! What is counted of a cache, from the start of its worker on.

use std::sync::atomic::{AtomicU64, Ordering};
use weft_core::worker::CacheFigures;

/// The counters; see [`CacheFigures`].
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) hits: AtomicU64,
    pub(crate) misses: AtomicU64,
    pub(crate) cached_bytes: AtomicU64,
    pub(crate) fetched_bytes: AtomicU64,
    pub(crate) evicted_bytes: AtomicU64,
    pub(crate) damaged: AtomicU64,
    pub(crate) unwritten: AtomicU64,
}

impl Figures {
    /// What they say now.
    pub(crate) fn told(&self, entries: u64, bytes: u64, max_bytes: u64) -> CacheFigures {
        let now = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        CacheFigures {
            worker: String::new(),
            entries,
            bytes,
            max_bytes,
            hits: now(&self.hits),
            misses: now(&self.misses),
            cached_bytes: now(&self.cached_bytes),
            fetched_bytes: now(&self.fetched_bytes),
            evicted_bytes: now(&self.evicted_bytes),
            damaged: now(&self.damaged),
            unwritten: now(&self.unwritten),
        }
    }
}
