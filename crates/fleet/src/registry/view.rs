//! A gateway's view of the registry: the workers, kept in memory and looked at anew in the background, and the orders to them. Reading it never waits. It
//! must not know what workers are for.

use super::Config;
use super::backoff::Backoff;
use super::keys::Keys;
use super::known::{Found, Known, Listing, Moment};
use super::link::{Dialer, Link};
use super::order::Order;
use super::script;
use super::status::{Condition, Status, Watched};
use crate::record::Record;
use crate::roster::Roster;
use parking_lot::RwLock;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};
use weft_core::name::nearest;
use weft_core::redis_at::RedisAt;
use weft_core::{Error, ErrorKind, Result};

impl Roster for Registry {
    fn workers(&self) -> Arc<[Record]> {
        Registry::workers(self)
    }
}

/// How often Redis is looked at when nothing is announced.
const LOOK: Duration = Duration::from_secs(1);

/// Announcements within this time are looked at once.
const TOGETHER: Duration = Duration::from_millis(20);

/// Workers that a gateway knows; of more, those that come last by their ids are not looked at.
const MOST_WORKERS: usize = 4096;

/// The registry as a gateway sees it.
pub struct Registry {
    /// Nothing if there is no Redis.
    redis: Option<(Arc<Shared>, DropGuard)>,
    /// As the one of a Redis that is not there.
    in_process: Watched,
    nobody: watch::Receiver<Arc<[Record]>>,
}

struct Shared {
    dialer: Dialer,
    keys: Keys,
    /// Held while Redis is read or written, so that what was read before an order cannot be taken in after it.
    known: Mutex<Known>,
    workers: watch::Sender<Arc<[Record]>>,
    gone: RwLock<Arc<[Record]>>,
    link: RwLock<Option<Link>>,
    status: Watched,
}

impl Registry {
    /// The registry of these settings. It does not fail and waits for nobody: Redis is connected to in the background, again and again if need be, until
    /// the registry is dropped.
    pub fn open(config: Config) -> Arc<Registry> {
        let RedisAt::Servers(servers) = config.location else { return Registry::in_process() };
        let keys = Keys::new(&config.prefix);
        let shared = Arc::new(Shared {
            status: Watched::new(servers.mode_name(), servers.to_string(), Condition::Connecting),
            dialer: Dialer {
                servers,
                ca: config.tls_ca,
                timeout: config.timeout,
                channel: keys.channel(),
                about: None,
                wake: Arc::new(Notify::new()),
            },
            keys,
            known: Mutex::new(Known::new(config.ttl)),
            workers: watch::Sender::new(Arc::default()),
            gone: RwLock::default(),
            link: RwLock::default(),
        });
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(shared.clone().follow()));
        Arc::new(Registry { redis: Some((shared, stop.drop_guard())), ..Registry::empty() })
    }

    /// The registry of a gateway that has its embedded worker only.
    pub fn in_process() -> Arc<Registry> {
        Arc::new(Registry::empty())
    }

    fn empty() -> Registry {
        Registry {
            redis: None,
            in_process: Watched::new("in process", String::new(), Condition::InProcess),
            nobody: watch::Sender::new(Arc::default()).subscribe(),
        }
    }

    fn shared(&self) -> Option<&Arc<Shared>> {
        self.redis.as_ref().map(|(shared, _)| shared)
    }

    /// The workers that are taken to be there, by their ids; while Redis is away, those that were there before.
    pub fn workers(&self) -> Arc<[Record]> {
        match self.shared() {
            Some(shared) => shared.workers.borrow().clone(),
            None => Arc::default(),
        }
    }

    /// The same, for who wants to hear of each change.
    pub fn changes(&self) -> watch::Receiver<Arc<[Record]>> {
        match self.shared() {
            Some(shared) => shared.workers.subscribe(),
            None => self.nobody.clone(),
        }
    }

    /// Workers that fell silent within the last minutes.
    pub fn gone(&self) -> Arc<[Record]> {
        self.shared().map(|shared| shared.gone.read().clone()).unwrap_or_default()
    }

    /// How the connection is.
    pub fn status(&self) -> Status {
        self.shared().map_or_else(|| self.in_process.get(), |shared| shared.status.get())
    }

    /// Orders a worker to take no more statements, until [`Registry::resume`] and be it after a restart.
    pub async fn drain(&self, id: &str) -> Result<()> {
        self.order(id, |_| Order::Draining).await
    }

    /// Orders a worker to take statements again.
    pub async fn resume(&self, id: &str) -> Result<()> {
        self.order(id, |_| Order::Active).await
    }

    /// Orders a worker to finish what it runs and to end. It comes back only if it is started again.
    pub async fn remove(&self, id: &str) -> Result<()> {
        self.order(id, |record| Order::Removed(record.incarnation)).await
    }

    async fn order(&self, id: &str, order: impl FnOnce(&Record) -> Order) -> Result<()> {
        let Some(shared) = self.shared() else {
            return Err(Error::new(ErrorKind::UndefinedObject, format!("worker \"{id}\" does not exist"))
                .with_detail("This gateway has its embedded worker only.")
                .with_hint("Workers on other machines register in Redis: see the setting redis."));
        };
        let link = shared.link.read().clone().ok_or_else(|| shared.status.refusal())?;
        let mut known = shared.known.lock().await;
        if known.get(id).is_none() {
            // It may have come a moment ago.
            shared.read(&link, &mut known, None).await?;
        }
        let Some(record) = known.get(id) else { return Err(unknown(id, &known)) };
        let order = order(record);
        let given: i64 = link.command(&script::order(&shared.keys, record, order)).await?;
        if given == 0 {
            return Err(Error::new(
                ErrorKind::ObjectNotInPrerequisiteState,
                format!("worker \"{id}\" has been dropped and is about to end"),
            )
            .with_hint("Start it again when it has ended."));
        }
        known.ordered(id, order);
        shared.publish(&known);
        Ok(())
    }
}

fn unknown(id: &str, known: &Known) -> Error {
    let error = Error::new(ErrorKind::UndefinedObject, format!("worker \"{id}\" does not exist"));
    match nearest(id, known.ids().map(String::as_str)) {
        Some(near) => error.with_hint(format!("Did you mean '{near}'?")),
        None => error.with_hint("SHOW WORKERS lists them."),
    }
}

impl Shared {
    /// For ever: connects, looks, and connects again.
    async fn follow(self: Arc<Self>) {
        let mut backoff = Backoff::new();
        loop {
            let error = match self.dialer.dial().await {
                Ok(link) => {
                    *self.link.write() = Some(link.clone());
                    self.look(&link, &mut backoff).await
                }
                Err(error) => error,
            };
            *self.link.write() = None;
            self.status.failed(error);
            sleep(backoff.wait()).await;
        }
    }

    /// Looks again and again, until an error.
    async fn look(&self, link: &Link, backoff: &mut Backoff) -> Error {
        let connected = Instant::now();
        let mut superseded = pin!(self.dialer.superseded(link));
        loop {
            let began = Instant::now();
            let read = {
                let mut known = self.known.lock().await;
                let read = self.read(link, &mut known, Some(connected)).await;
                self.publish(&known);
                read
            };
            match read {
                Ok(()) => self.status.answered(began.elapsed()),
                Err(error) => return error,
            }
            *backoff = Backoff::new();
            tokio::select! {
                biased;
                error = &mut superseded => return error,
                () = self.dialer.wake.notified() => sleep(TOGETHER).await,
                () = sleep(LOOK) => {}
            }
        }
    }

    /// Reads what there is of all workers that are listed or known. Who does not know since when the connection stands takes it for new.
    async fn read(&self, link: &Link, known: &mut Known, connected: Option<Instant>) -> Result<()> {
        let mut list = redis::cmd("HKEYS");
        list.arg(self.keys.services());
        let listed: BTreeSet<String> = link.command(&list).await?;
        let ids: Vec<String> = listed.iter().chain(known.ids()).take(MOST_WORKERS).cloned().collect();
        let ids: Vec<String> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut answers = Vec::new();
        if !ids.is_empty() {
            let mut questions = redis::pipe();
            for id in &ids {
                questions.cmd("HGET").arg(self.keys.node(id)).arg("record");
                questions.cmd("GET").arg(self.keys.order(id));
                questions.cmd("GET").arg(self.keys.left(id));
            }
            answers = link.commands::<Vec<Option<String>>>(&questions).await?;
        }
        let found = ids.into_iter().zip(answers.chunks_exact(3)).map(|(id, answer)| {
            let listing = if listed.contains(&id) { Listing::Named } else { Listing::Absent };
            found(id, listing, answer)
        });
        let now = Instant::now();
        let moment = Moment { now, connected: connected.unwrap_or(now) };
        for silent in known.take(found.collect(), moment) {
            let _: i64 = link.command(&script::forget(&self.keys, &silent)).await?;
        }
        Ok(())
    }

    /// Only a change is told.
    fn publish(&self, known: &Known) {
        let workers = known.workers();
        self.workers.send_if_modified(|told| {
            let changed = told[..] != workers[..];
            if changed {
                *told = workers.into();
            }
            changed
        });
        *self.gone.write() = known.gone().into();
    }
}

/// What the answers of one id say.
fn found(id: String, listing: Listing, answer: &[Option<String>]) -> Found {
    let [record, order, left] = answer else { return Found { id, listing, record: None, order: None, left: None } };
    let record = record.as_ref().and_then(|document| match serde_json::from_str::<Record>(document) {
        Ok(record) => Some(record),
        Err(error) => {
            tracing::debug!(worker = id, %error, "what a worker says of itself cannot be read");
            None
        }
    });
    let order = order.as_deref().and_then(Order::read);
    Found { record, order, left: left.as_ref().and_then(|life| life.parse().ok()), id, listing }
}
