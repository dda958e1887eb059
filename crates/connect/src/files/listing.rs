//! Remembers for a while which tables there are, and as long as files do not change what columns they have. One listing at a time: who comes while
//! one is under way gets the last one, or waits if there is none.

use super::discover::Known;
use super::ground::Ground;
use super::layout::Table;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use weft_core::{Error, Result};

/// Tables whose columns are remembered.
const MAX_KNOWN: usize = 10_000;

/// The tables at one moment.
#[derive(Debug)]
pub(crate) struct Listing {
    taken: Instant,
    /// Sorted by schema and name.
    pub(crate) tables: Vec<Table>,
}

impl Listing {
    /// The table of this name.
    pub(crate) fn find(&self, schema: &str, name: &str) -> Option<&Table> {
        let at = self.tables.binary_search_by(|t| (t.schema.as_str(), t.name.as_str()).cmp(&(schema, name)));
        at.ok().and_then(|i| self.tables.get(i))
    }
}

/// How old an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Of any age.
    Any,
    /// As old as the setting allows.
    Recent,
    /// Begun after this moment.
    Since(Instant),
}

type TableKey = (String, String);

#[derive(Debug)]
struct Remembered {
    fingerprint: u64,
    since: Instant,
    known: Arc<Result<Known>>,
}

/// The memory of one catalog.
#[derive(Debug)]
pub(crate) struct Memory {
    ground: Arc<dyn Ground>,
    ttl: Duration,
    current: Arc<Mutex<Option<Arc<Listing>>>>,
    listing: Arc<tokio::sync::Mutex<()>>,
    known: Mutex<HashMap<TableKey, Remembered>>,
}

impl Memory {
    /// Nothing is known yet.
    pub(crate) fn new(ground: Arc<dyn Ground>, ttl: Duration) -> Self {
        Memory { ground, ttl, current: Arc::default(), listing: Arc::default(), known: Mutex::default() }
    }

    /// The tables.
    pub(crate) async fn listing(&self, freshness: Freshness) -> Result<Arc<Listing>> {
        if let Some(listing) = self.valid(freshness) {
            return Ok(listing);
        }
        let old = self.current.lock().clone();
        let turn = match (self.listing.clone().try_lock_owned(), freshness, old) {
            (Ok(turn), ..) => turn,
            (Err(_), Freshness::Any | Freshness::Recent, Some(old)) => return Ok(old),
            (Err(_), ..) => self.listing.clone().lock_owned().await,
        };
        if let Some(listing) = self.valid(freshness) {
            return Ok(listing);
        }
        let (ground, current) = (self.ground.clone(), self.current.clone());
        // The turn goes along: a caller that gives up must not let a second listing begin beside the first.
        let work = tokio::spawn(async move {
            let _turn = turn;
            let taken = Instant::now();
            let outcome = ground.list().await.map(|tables| Arc::new(Listing { taken, tables }));
            *current.lock() = outcome.as_ref().ok().cloned();
            outcome
        });
        let listing =
            work.await.map_err(|e| Error::internal("the listing of a catalog broke off").with_source(e))??;
        self.forget_missing(&listing);
        Ok(listing)
    }

    fn valid(&self, freshness: Freshness) -> Option<Arc<Listing>> {
        self.current.lock().clone().filter(|listing| match freshness {
            Freshness::Any => true,
            Freshness::Recent => listing.taken.elapsed() < self.ttl,
            Freshness::Since(moment) => listing.taken >= moment,
        })
    }

    /// What is known of the table, if its files are still the same. An error is known for as long as a listing is: its reason may have been passing.
    pub(crate) fn recall(&self, schema: &str, name: &str, fingerprint: u64) -> Option<Arc<Result<Known>>> {
        let key = (schema.to_owned(), name.to_owned());
        let all = self.known.lock();
        let found = all.get(&key).filter(|r| r.fingerprint == fingerprint);
        found.filter(|r| r.known.is_ok() || r.since.elapsed() < self.ttl).map(|r| r.known.clone())
    }

    /// Remembers it until the files change.
    pub(crate) fn remember(&self, schema: &str, name: &str, fingerprint: u64, known: Arc<Result<Known>>) {
        let key = (schema.to_owned(), name.to_owned());
        let mut all = self.known.lock();
        if all.len() >= MAX_KNOWN && !all.contains_key(&key) {
            // A listing has no more tables than this, so that whatever goes is for the most part there no more.
            let victim = all.keys().next().cloned();
            victim.and_then(|victim| all.remove(&victim));
        }
        all.insert(key, Remembered { fingerprint, since: Instant::now(), known });
    }

    fn forget_missing(&self, listing: &Listing) {
        self.known.lock().retain(|(schema, name), _| listing.find(schema, name).is_some());
    }
}
