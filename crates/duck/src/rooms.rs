//! The databases of an engine, one for each set of object stores in use: DuckDB's keys, caches and walls belong to a whole database, and a statement
//! must see those of its own stores only. Their number is bounded; they share one budget of memory and disk.

use crate::budget::Budget;
use crate::cache::{Cache, Visit};
use crate::config::Config;
use crate::extension::httpfs;
use crate::ffi::Connection;
use crate::room::Room;
use parking_lot::Mutex;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use weft_core::report::Traffic;
use weft_core::store::Store;
use weft_core::{Error, Result};

/// A database that nobody used for so long is closed: others need its memory, and nobody needs its keys.
const KEPT: Duration = Duration::from_secs(60);

/// All databases of an engine.
pub(crate) struct Rooms {
    config: Config,
    /// By which they read objects; if there is none, they do so themselves.
    cache: Option<Arc<Cache>>,
    /// A room is claimed and closed under this lock only.
    open: Mutex<Vec<Arc<Room>>>,
    /// Held while a database is opened.
    opening: Arc<tokio::sync::Mutex<()>>,
    /// Rung when a statement ends.
    left: Notify,
    budget: Budget,
    /// How many spill folders there have been.
    spills: AtomicU64,
}

impl Rooms {
    /// None is open yet.
    pub(crate) fn new(config: Config, cache: Option<Arc<Cache>>) -> Arc<Rooms> {
        Arc::new(Rooms {
            budget: Budget::new(config.memory_bytes, config.spill_bytes),
            config,
            cache,
            open: Mutex::default(),
            opening: Arc::default(),
            left: Notify::new(),
            spills: AtomicU64::new(0),
        })
    }

    /// A connection to the database for exactly these stores, which are sorted. Waits while as many are open as may be and all are in use.
    pub(crate) async fn enter(self: &Arc<Self>, stores: Vec<Arc<Store>>) -> Result<Lease> {
        if let Some(claim) = self.claim(&stores) {
            return claim.lease();
        }
        let turn = self.opening.clone().lock_owned().await;
        loop {
            let mut left = pin!(self.left.notified());
            left.as_mut().enable();
            if let Some(claim) = self.claim(&stores) {
                return claim.lease();
            }
            if self.has_place() {
                break;
            }
            left.await;
        }
        let rooms = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            // The turn goes along: a caller that gives up must not let a second database be opened beside this one.
            let _turn = turn;
            rooms.open(stores)
        });
        work.await.map_err(|e| Error::internal("opening a database broke off").with_source(e))??.lease()
    }

    /// Opens a database and adds it to the list. Blocks.
    pub(crate) fn open(self: &Arc<Self>, stores: Vec<Arc<Store>>) -> Result<Claim> {
        drop(self.make_place());
        let httpfs = if stores.is_empty() { None } else { Some(httpfs(self.config.extensions.as_deref())?) };
        let spill = self.config.spill_dir.join(self.spills.fetch_add(1, Ordering::Relaxed).to_string());
        let granted = self.budget.for_one_more(&self.list());
        let room = Arc::new(Room::open(&self.config, self.cache.as_ref(), httpfs.as_deref(), stores, &spill, granted)?);
        room.come();
        self.open.lock().push(room.clone());
        self.budget.divide(&self.list());
        Ok(Claim { room, rooms: self.clone() })
    }

    /// What is kept of objects.
    pub(crate) fn cache(&self) -> Option<&Arc<Cache>> {
        self.cache.as_ref()
    }

    /// Empties what the databases keep of files in their memory. Blocks.
    pub(crate) fn forget_files(&self) -> Result<()> {
        self.list().iter().try_for_each(|room| room.forget_files())
    }

    /// Whether the extension for object stores is there.
    pub(crate) fn reads_stores(&self) -> Result<()> {
        httpfs(self.config.extensions.as_deref()).map(drop)
    }

    fn list(&self) -> Vec<Arc<Room>> {
        self.open.lock().clone()
    }

    fn claim(self: &Arc<Self>, stores: &[Arc<Store>]) -> Option<Claim> {
        let open = self.open.lock();
        let room = open.iter().find(|room| room.stores == stores)?.clone();
        room.come();
        Some(Claim { room, rooms: self.clone() })
    }

    fn most(&self) -> usize {
        self.config.max_databases.max(1)
    }

    fn has_place(&self) -> bool {
        let open = self.open.lock();
        open.len() < self.most() || open.iter().any(|room| room.is_free())
    }

    /// If there are as many as may be, the database that has been unused for longest, taken off the list.
    fn make_place(&self) -> Option<Arc<Room>> {
        let mut open = self.open.lock();
        let free = open.iter().enumerate().filter(|(_, room)| room.is_free());
        let (oldest, _) = free.max_by_key(|(_, room)| room.unused())?;
        (open.len() >= self.most()).then(|| open.swap_remove(oldest))
    }

    /// Closes what nobody needs, and sees to it that every database gets its share.
    fn tidy(&self) {
        let mut expired = Vec::new();
        self.open.lock().retain(|room| {
            let is_needed = !room.is_free() || room.unused() < KEPT;
            if !is_needed {
                expired.push(room.clone());
            }
            is_needed
        });
        if !expired.is_empty() || !self.budget.is_even() {
            drop(expired);
            self.budget.divide(&self.list());
        }
    }
}

/// The right to be in a room: while it is held, the room is not closed.
pub(crate) struct Claim {
    room: Arc<Room>,
    rooms: Arc<Rooms>,
}

impl Claim {
    fn lease(self) -> Result<Lease> {
        let connection = self.room.connect()?;
        Ok(Lease { connection, claim: self })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.room.go();
        self.rooms.tidy();
        self.rooms.left.notify_waiters();
    }
}

/// A connection on loan. One that is dropped instead of given back is closed.
pub(crate) struct Lease {
    connection: Connection,
    claim: Claim,
}

impl Lease {
    /// The connection.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The statement's right to ask the cache for objects, if that is the way. What it takes is counted.
    pub(crate) fn admit(&self, traffic: Arc<Traffic>) -> Option<Visit> {
        self.claim.room.admit(traffic)
    }

    /// Ends the loan, on a thread that may block.
    pub(crate) fn give_back(self) {
        self.claim.room.take_back(self.connection);
    }
}
