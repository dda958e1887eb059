//! Which workers there are, as far as what was read from Redis tells, now and before. It must not know how that was read.
//!
//! A key that is missing says little: it expires when its worker falls silent, but it also goes when Redis is flushed or starts again empty, and workers that
//! serve well must not be given up for that. So a worker is gone when it has said that it leaves, or when its key has expired under the eyes of a
//! Redis that was there all the time; otherwise it has one more time to live in which it may register again.

use super::order::Order;
use crate::record::{Record, State};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Workers that are told to have gone; of more, the oldest are forgotten.
const MOST_GONE: usize = 100;

/// How long they are told.
const TOLD: Duration = Duration::from_secs(600);

/// What was read of one id.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) id: String,
    /// Whether the list of workers names it.
    pub(super) listing: Listing,
    /// What it says of itself, if its key is there.
    pub(super) record: Option<Record>,
    pub(super) order: Option<Order>,
    /// Which of its lives has said that it leaves.
    pub(super) left: Option<u64>,
}

/// Whether the list of workers names an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    Named,
    Absent,
}

/// When something was read, and since when the connection has stood by which it was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Instant,
    pub(super) connected: Instant,
}

/// The workers that are known.
#[derive(Debug)]
pub(super) struct Known {
    ttl: Duration,
    here: BTreeMap<String, Here>,
    gone: VecDeque<(Instant, Record)>,
    /// Ids that are listed without a key, and since when.
    silent: BTreeMap<String, Instant>,
}

#[derive(Debug)]
struct Here {
    record: Record,
    order: Option<Order>,
    missing: Option<Instant>,
}

impl Known {
    pub(super) fn new(ttl: Duration) -> Known {
        Known { ttl, here: BTreeMap::new(), gone: VecDeque::new(), silent: BTreeMap::new() }
    }

    /// Takes in what was read of all ids that are listed or known. Gives those that have been silent for so long that they need not be listed any more.
    pub(super) fn take(&mut self, found: Vec<Found>, moment: Moment) -> Vec<String> {
        let mut silent = BTreeMap::new();
        for found in found {
            if found.record.is_none() && found.listing == Listing::Named {
                let since = self.silent.get(&found.id).copied().unwrap_or(moment.now);
                silent.insert(found.id.clone(), since);
            }
            match found.record {
                Some(record) => {
                    self.gone.retain(|(_, gone)| gone.id != found.id);
                    self.here.insert(found.id, Here { record, order: found.order, missing: None });
                }
                None => self.miss(&found, moment),
            }
        }
        while self.gone.front().is_some_and(|(since, _)| moment.now.duration_since(*since) > TOLD) {
            self.gone.pop_front();
        }
        self.silent = silent;
        // Every gateway shall see that it is listed without a key; the last of them may have looked later.
        let over = |since: &Instant| moment.now.duration_since(*since) >= self.ttl;
        self.silent.iter().filter(|(_, since)| over(since)).map(|(id, _)| id.clone()).collect()
    }

    fn miss(&mut self, found: &Found, moment: Moment) {
        let Some(here) = self.here.get_mut(&found.id) else { return };
        let since = *here.missing.get_or_insert(moment.now);
        let left = found.left == Some(here.record.incarnation);
        let watched = moment.now.duration_since(moment.connected) >= self.ttl;
        let expired = found.listing == Listing::Named && watched;
        if !left && !expired && moment.now.duration_since(since) < self.ttl {
            return;
        }
        if let Some(here) = self.here.remove(&found.id)
            && !left
        {
            self.gone.push_back((moment.now, here.record));
            if self.gone.len() > MOST_GONE {
                self.gone.pop_front();
            }
        }
    }

    /// The ids of those that are taken to be there.
    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.here.keys()
    }

    /// What one of them says of itself.
    pub(super) fn get(&self, id: &str) -> Option<&Record> {
        self.here.get(id).map(|here| &here.record)
    }

    /// Takes in an order that has just been given.
    pub(super) fn ordered(&mut self, id: &str, order: Order) {
        if let Some(here) = self.here.get_mut(id) {
            here.order = Some(order);
        }
    }

    /// Those that are taken to be there. One that was ordered to drain does, whether it has heard of it or not.
    pub(super) fn workers(&self) -> Vec<Record> {
        let workers = self.here.values().map(|here| {
            let closed = here.order.is_some_and(|order| order.closes(here.record.incarnation));
            let state = if closed { State::Draining } else { here.record.state };
            Record { state, ..here.record.clone() }
        });
        workers.collect()
    }

    /// Those that fell silent lately.
    pub(super) fn gone(&self) -> Vec<Record> {
        self.gone.iter().map(|(_, record)| record.clone()).collect()
    }
}
