//! Blocks of objects: from the disk if they are there, else from the store, and then kept. A block that several want is fetched once. It must not know who
//! asks, nor how.

use super::block::{BLOCK, BlockId, ObjectId, blocks, extent};
use super::figures::Figures;
use super::flight::{Flights, Landing, Stage};
use super::index::{Found, Index};
use super::shelf::{Shelf, Taken};
use super::visit::Object;
use crate::request::Why;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use parking_lot::Mutex;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};
use weft_core::report::Traffic;
use weft_core::worker::CacheFigures;

/// Blocks in one request to the store.
const RUN: u32 = 32;

/// Blocks that are asked for ahead of the one that is wanted.
const AHEAD: u32 = 2 * RUN;

/// Requests to stores at once. Each holds one block in memory.
const RUNS: usize = 32;

/// How long a statement waits, after a restart, until it is known what is on the disk. After that it fetches.
const SURVEYED: Duration = Duration::from_secs(2);

/// A disk that did not take a block is left alone for this long.
const REST: Duration = Duration::from_secs(30);

/// The blocks.
pub(crate) struct Stock {
    shelf: Shelf,
    index: Mutex<Index>,
    flights: Flights,
    runs: Semaphore,
    figures: Figures,
    opened: Instant,
    surveyed: watch::Sender<bool>,
    /// Until when nothing is written.
    resting: Mutex<Option<Instant>>,
}

/// An object that can be kept, and who wants it.
#[derive(Clone)]
pub(crate) struct Wanted {
    object: Arc<Object>,
    id: ObjectId,
    traffic: Arc<Traffic>,
}

/// Where a block came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// From the disk, or from whoever else was fetching it.
    AtHand,
    /// From the store, for the one who asked.
    Fetched,
}

impl Wanted {
    /// None, if there is nothing by which this version could be told from another.
    pub(crate) fn new(object: &Arc<Object>, traffic: &Arc<Traffic>) -> Option<Wanted> {
        let meta = &object.meta;
        // A weak tag does not promise the same bytes.
        let tag = meta.e_tag.as_deref().filter(|tag| !tag.is_empty() && !tag.starts_with("W/"))?;
        if meta.size.div_ceil(BLOCK) > u64::from(u32::MAX) {
            return None;
        }
        let (origin, size) = (&object.origin, meta.size.to_string());
        let id = ObjectId::new(&[origin.address(), origin.bucket(), meta.location.as_ref(), tag, &size]);
        Some(Wanted { object: object.clone(), id, traffic: traffic.clone() })
    }

    fn block(&self, number: u32) -> BlockId {
        BlockId { object: self.id, number }
    }

    fn extent(&self, number: u32) -> Range<u64> {
        extent(number, self.object.meta.size)
    }
}

impl Stock {
    /// Opens the folder. What is in it is found out beside. Blocks.
    pub(crate) fn open(folder: &Path, limit: u64) -> io::Result<Arc<Stock>> {
        Ok(Arc::new(Stock {
            shelf: Shelf::open(folder)?,
            index: Mutex::new(Index::new(limit)),
            flights: Flights::default(),
            runs: Semaphore::new(RUNS),
            figures: Figures::default(),
            opened: Instant::now(),
            surveyed: watch::Sender::new(false),
            resting: Mutex::new(None),
        }))
    }

    /// Finds out what is on the disk. Blocks.
    pub(crate) fn survey(&self) {
        let found = self.shelf.survey();
        let gone = self.index.lock().put_below(found);
        gone.iter().for_each(|id| self.shelf.remove(id));
        self.surveyed.send_replace(true);
    }

    /// What it holds, and what good that has done.
    pub(crate) fn figures(&self) -> CacheFigures {
        let index = self.index.lock();
        let (entries, bytes) = index.size();
        self.figures.told(entries, bytes, index.limit())
    }

    /// Forgets all. Blocks.
    pub(crate) fn clear(&self) {
        let gone = self.index.lock().clear();
        gone.iter().for_each(|id| self.shelf.remove(id));
    }

    /// Whether blocks are kept now. If not, whoever reads a lot had better ask the store itself.
    pub(crate) fn is_open(&self) -> bool {
        self.resting.lock().is_none_or(|until| Instant::now() >= until)
    }

    /// Counts what was not worth keeping.
    pub(crate) fn passed(&self, bytes: u64) {
        self.figures.fetched_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The part of a range that lies in one of its blocks.
    pub(crate) async fn part(self: &Arc<Self>, wanted: &Wanted, range: &Range<u64>, number: u32) -> Result<Bytes, Why> {
        let extent = wanted.extent(number);
        let (bytes, came) = self.block(wanted, number, blocks(range).end).await?;
        let at = |byte: u64| usize::try_from(byte.clamp(extent.start, extent.end) - extent.start).unwrap_or(usize::MAX);
        let part = bytes.slice(at(range.start)..at(range.end));
        if came == Came::AtHand {
            self.figures.cached_bytes.fetch_add(part.len() as u64, Ordering::Relaxed);
            wanted.traffic.add_cached(part.len() as u64);
        }
        Ok(part)
    }

    /// A block. Those after it, up to `end`, are fetched ahead.
    async fn block(self: &Arc<Self>, wanted: &Wanted, number: u32, end: u32) -> Result<(Bytes, Came), Why> {
        self.wait_for_survey().await;
        let id = wanted.block(number);
        let mut own = false;
        loop {
            if let Some(bytes) = self.at_hand(wanted, number).await {
                return Ok((bytes, Came::AtHand));
            }
            let begun = self.fetch_ahead(wanted, number, end.min(number.saturating_add(AHEAD)));
            own |= begun.contains(&number);
            // Neither on the disk nor on its way: it has just come, or just gone.
            let Some(mut flight) = self.flights.watch(&id) else { continue };
            match flight.landed().await {
                Stage::Arrived(bytes) if own => return Ok((bytes, Came::Fetched)),
                Stage::Arrived(bytes) => return Ok((bytes, Came::AtHand)),
                Stage::Failed(why) if own => return Err(why),
                Stage::Flying if own => return Err(Why::Unreachable("fetching broke off".to_owned())),
                // Whoever fetched it may have had another key, or no luck.
                Stage::Failed(_) | Stage::Flying => {}
            }
        }
    }

    async fn wait_for_survey(&self) {
        let mut surveyed = self.surveyed.subscribe();
        let left = SURVEYED.saturating_sub(self.opened.elapsed());
        // Neither outcome matters: what is not known by then is fetched.
        let _ = tokio::time::timeout(left, surveyed.wait_for(|done| *done)).await;
    }

    /// The block from the disk.
    async fn at_hand(self: &Arc<Self>, wanted: &Wanted, number: u32) -> Option<Bytes> {
        let id = wanted.block(number);
        let found = self.index.lock().find(&id)?;
        let extent = wanted.extent(number);
        let stock = self.clone();
        let read = tokio::task::spawn_blocking(move || {
            if found == Found::Stale {
                stock.shelf.touch(&id);
            }
            stock.shelf.read(&id, extent.end - extent.start)
        });
        match read.await {
            Ok(Taken::Whole(bytes)) => {
                self.figures.hits.fetch_add(1, Ordering::Relaxed);
                return Some(bytes);
            }
            Ok(Taken::Damaged) => {
                self.figures.damaged.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(block = id.name(), "a damaged block of the cache is thrown away");
            }
            Ok(Taken::Absent) | Err(_) => {}
        }
        self.index.lock().remove(&id);
        None
    }

    /// Begins to fetch those of the blocks that are neither there nor on their way; tells which.
    fn fetch_ahead(self: &Arc<Self>, wanted: &Wanted, start: u32, end: u32) -> Vec<u32> {
        let index = self.index.lock();
        let missing = (start..end).filter(|number| !index.contains(&wanted.block(*number)));
        let landings = self.flights.begin(missing.map(|number| (number, wanted.block(number))));
        drop(index);
        let begun = landings.iter().map(|landing| landing.number).collect();
        let mut run: Vec<Landing> = Vec::new();
        for landing in landings {
            let follows = run.last().is_none_or(|last| last.number + 1 == landing.number);
            if !follows || run.len() >= RUN as usize {
                self.fly(wanted, std::mem::take(&mut run));
            }
            run.push(landing);
        }
        self.fly(wanted, run);
        begun
    }

    /// Fetches consecutive blocks, whether or not somebody still waits for them: they are few.
    fn fly(self: &Arc<Self>, wanted: &Wanted, mut run: Vec<Landing>) {
        if run.is_empty() {
            return;
        }
        let (stock, wanted) = (self.clone(), wanted.clone());
        tokio::spawn(async move {
            let patience = wanted.object.origin.patience();
            let outcome = match tokio::time::timeout(patience, stock.fetch(&wanted, &mut run)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(Why::too_late()),
            };
            if let Err(why) = outcome {
                run.into_iter().for_each(|landing| landing.fail(why.clone()));
            }
        });
    }

    /// Fetches the blocks and takes those that have landed off the run.
    async fn fetch(self: &Arc<Self>, wanted: &Wanted, run: &mut Vec<Landing>) -> Result<(), Why> {
        let Ok(_turn) = self.runs.acquire().await else { return Err(Why::Unreachable("the worker ends".to_owned())) };
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
        let range = wanted.extent(first.number).start..wanted.extent(last.number).end;
        let mut stream = wanted.object.origin.read(&wanted.object.meta, range).await?;
        let mut rest = Bytes::new();
        while let Some(landing) = run.first() {
            let extent = wanted.extent(landing.number);
            let length = usize::try_from(extent.end - extent.start).unwrap_or(usize::MAX);
            let mut block = BytesMut::with_capacity(length);
            while block.len() < length {
                if rest.is_empty() {
                    rest = stream
                        .next()
                        .await
                        .unwrap_or_else(|| Err(Why::Unreachable("the answer ended early".to_owned())))?;
                }
                let taken = rest.len().min(length - block.len());
                block.extend_from_slice(&rest.split_to(taken));
            }
            self.land(wanted, run.remove(0), block.freeze()).await;
        }
        Ok(())
    }

    async fn land(self: &Arc<Self>, wanted: &Wanted, landing: Landing, bytes: Bytes) {
        self.figures.misses.fetch_add(1, Ordering::Relaxed);
        self.figures.fetched_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        wanted.traffic.add_fetched(bytes.len() as u64);
        // Those who wait have it before it is on the disk.
        landing.arrive(bytes.clone());
        let (stock, id) = (self.clone(), wanted.block(landing.number));
        let kept = tokio::task::spawn_blocking(move || {
            stock.keep(id, &bytes);
            drop(landing);
        });
        // It cannot fail.
        let _ = kept.await;
    }

    /// Writes a block, and makes room for it. Blocks.
    fn keep(&self, id: BlockId, bytes: &[u8]) {
        if !self.is_open() {
            return;
        }
        match self.shelf.write(&id, bytes) {
            Ok(written) => {
                let (gone, evicted) = self.index.lock().insert(id, written);
                self.figures.evicted_bytes.fetch_add(evicted, Ordering::Relaxed);
                gone.iter().for_each(|id| self.shelf.remove(id));
            }
            Err(error) => {
                self.figures.unwritten.fetch_add(1, Ordering::Relaxed);
                *self.resting.lock() = Some(Instant::now() + REST);
                tracing::warn!(%error, "the cache cannot be written to; objects are read without it for {REST:?}");
            }
        }
    }
}
