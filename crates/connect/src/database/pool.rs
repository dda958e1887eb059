//! A bounded number of connections to one server: made when needed, kept for a while, handed out last-in first-out. A connection that is not given
//! back in so many words is closed. It must not know any driver.

use super::{Limits, Place};
use crate::connector::PoolFigures;
use async_trait::async_trait;
use parking_lot::Mutex;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use weft_core::settings::Span;
use weft_core::{Error, ErrorKind, Result};

/// A connection that was idle for longer is asked whether it still works: firewalls forget silently.
const TRUSTED: Duration = Duration::from_secs(30);

/// Makes connections and knows whether they live.
#[async_trait]
pub(crate) trait Manager: Send + Sync + 'static {
    /// A connection; dropping it closes it.
    type Connection: Send + 'static;

    /// Makes one. The pool bounds the time.
    async fn connect(&self) -> Result<Self::Connection>;

    /// Whether it is not known to be broken; the server is not asked.
    fn is_open(&self, connection: &Self::Connection) -> bool;

    /// Asks the server. The pool bounds the time.
    async fn ping(&self, connection: &mut Self::Connection) -> Result<()>;
}

/// The connections of one source.
pub(crate) struct Pool<M: Manager> {
    shared: Arc<Shared<M>>,
}

struct Shared<M: Manager> {
    manager: M,
    place: Place,
    limits: Limits,
    permits: Arc<Semaphore>,
    /// The one that was given back last is at the end.
    idle: Mutex<Vec<Idle<M::Connection>>>,
    reaping: AtomicBool,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    open: AtomicU64,
    waiting: AtomicU64,
    acquired: AtomicU64,
    timed_out: AtomicU64,
}

struct Idle<C> {
    connection: Open<C>,
    since: Instant,
}

/// A connection that counts for as long as it is open.
struct Open<C> {
    connection: C,
    counts: Arc<Counts>,
}

impl<C> Drop for Open<C> {
    fn drop(&mut self) {
        self.counts.open.fetch_sub(1, Relaxed);
    }
}

/// Whether a connection was used before: then it may turn out to be broken though the server is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Just made.
    New,
    /// It was idle.
    Reused,
}

/// A connection in use. Dropping it closes the connection and makes room for another.
pub(crate) struct Lease<M: Manager> {
    // Closed before the permit goes: fields are dropped in this order.
    connection: Open<M::Connection>,
    origin: Origin,
    shared: Arc<Shared<M>>,
    _permit: OwnedSemaphorePermit,
}

impl<M: Manager> Pool<M> {
    /// Opens nothing yet.
    pub(crate) fn new(manager: M, place: Place, limits: Limits) -> Self {
        Pool {
            shared: Arc::new(Shared {
                manager,
                place,
                limits,
                permits: Arc::new(Semaphore::new(limits.max_connections)),
                idle: Mutex::default(),
                reaping: AtomicBool::new(false),
                counts: Arc::default(),
            }),
        }
    }

    /// What makes the connections.
    pub(crate) fn manager(&self) -> &M {
        &self.shared.manager
    }

    /// A connection, within the time that the limits allow.
    pub(crate) async fn acquire(&self) -> Result<Lease<M>> {
        let permit = self.permit().await?;
        let (connection, origin) = match self.reuse().await {
            Some(connection) => (connection, Origin::Reused),
            None => (self.connect().await?, Origin::New),
        };
        self.shared.counts.acquired.fetch_add(1, Relaxed);
        Ok(Lease { connection, origin, shared: self.shared.clone(), _permit: permit })
    }

    /// The figures of this moment.
    pub(crate) fn figures(&self) -> PoolFigures {
        let Shared { limits, counts, .. } = &*self.shared;
        PoolFigures {
            max_connections: limits.max_connections as u64,
            min_connections: limits.min_connections as u64,
            open: counts.open.load(Relaxed),
            idle: self.shared.idle.lock().len() as u64,
            waiting: counts.waiting.load(Relaxed),
            acquired: counts.acquired.load(Relaxed),
            timed_out: counts.timed_out.load(Relaxed),
        }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        let Shared { permits, limits, counts, .. } = &*self.shared;
        if let Ok(permit) = permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = Waiting::new(counts);
        match timeout(limits.acquire_timeout, permits.clone().acquire_owned()).await {
            Ok(permit) => permit.map_err(|e| Error::internal("the pool is closed").with_source(e)),
            Err(_) => {
                counts.timed_out.fetch_add(1, Relaxed);
                Err(self.exhausted())
            }
        }
    }

    fn exhausted(&self) -> Error {
        let Shared { place, limits, .. } = &*self.shared;
        let message = format!("{} has no free connection", place.subject());
        Error::new(ErrorKind::TooManyConnections, message)
            .with_detail(format!(
                "All {} connections were in use for {}.",
                limits.max_connections,
                Span(limits.acquire_timeout)
            ))
            .with_hint("Raise max_connections or acquire_timeout of the catalog, or try again later.")
    }

    /// An idle connection that works.
    async fn reuse(&self) -> Option<Open<M::Connection>> {
        let Shared { manager, limits, idle, .. } = &*self.shared;
        loop {
            let Idle { mut connection, since } = idle.lock().pop()?;
            if !manager.is_open(&connection.connection) {
                continue;
            }
            if since.elapsed() < TRUSTED {
                return Some(connection);
            }
            if let Ok(Ok(())) = timeout(limits.connect_timeout, manager.ping(&mut connection.connection)).await {
                return Some(connection);
            }
        }
    }

    async fn connect(&self) -> Result<Open<M::Connection>> {
        let Shared { manager, place, limits, counts, .. } = &*self.shared;
        let connection = match timeout(limits.connect_timeout, manager.connect()).await {
            Ok(made) => made?,
            Err(_) => return Err(place.unreachable(format!("no answer within {}", Span(limits.connect_timeout)))),
        };
        counts.open.fetch_add(1, Relaxed);
        Ok(Open { connection, counts: counts.clone() })
    }
}

impl<M: Manager> Lease<M> {
    /// New or used before.
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// Keeps the connection for the next who needs one. Nothing may be going on in it.
    pub(crate) fn give_back(self) {
        let Lease { connection, shared, _permit, .. } = self;
        if !shared.manager.is_open(&connection.connection) {
            return;
        }
        shared.idle.lock().push(Idle { connection, since: Instant::now() });
        if let Some(idle_timeout) = shared.limits.idle_timeout
            && !shared.reaping.swap(true, Relaxed)
        {
            tokio::spawn(reap(Arc::downgrade(&shared), idle_timeout));
        }
    }
}

impl<M: Manager> Deref for Lease<M> {
    type Target = M::Connection;

    fn deref(&self) -> &M::Connection {
        &self.connection.connection
    }
}

impl<M: Manager> DerefMut for Lease<M> {
    fn deref_mut(&mut self) -> &mut M::Connection {
        &mut self.connection.connection
    }
}

/// Closes what has been idle for too long, until the pool is gone.
async fn reap<M: Manager>(pool: Weak<Shared<M>>, idle_timeout: Duration) {
    let pause = (idle_timeout / 2).clamp(Duration::from_millis(10), Duration::from_secs(30));
    loop {
        sleep(pause).await;
        let Some(shared) = pool.upgrade() else { return };
        let closed: Vec<_> = {
            let mut idle = shared.idle.lock();
            let spare = (shared.counts.open.load(Relaxed) as usize).saturating_sub(shared.limits.min_connections);
            let expired = idle.iter().take_while(|i| i.since.elapsed() >= idle_timeout).count();
            idle.drain(..expired.min(spare)).collect()
        };
        // Closing may take the driver a while: not under the lock.
        drop(closed);
    }
}

/// Somebody who waits, for as long as this exists.
struct Waiting<'a>(&'a Counts);

impl<'a> Waiting<'a> {
    fn new(counts: &'a Counts) -> Self {
        counts.waiting.fetch_add(1, Relaxed);
        Waiting(counts)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
