//! A worker's side of the registry: it registers, gives signs of life, hears orders, and leaves. It must not know what a worker does.

use super::Config;
use super::backoff::Backoff;
use super::error::is_passing;
use super::keys::Keys;
use super::link::{Dialer, Link};
use super::order::Order;
use super::script::{self, News};
use super::status::{Condition, Status, Watched};
use crate::record::{Record, State};
use chrono::Utc;
use parking_lot::Mutex;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use weft_core::redis_at::RedisAt;
use weft_core::worker::CacheFigures;
use weft_core::{Error, ErrorKind, Result};

/// How often a worker looks whether its name has become free.
const WAITING: Duration = Duration::from_millis(500);

/// What a worker is wanted to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Take statements.
    Active,
    /// Finish what runs, and take nothing new.
    Draining,
    /// Finish what runs, [leave](Member::leave) and end. It is final.
    Removed,
    /// End: another worker has registered under this name while this one was silent. It is final.
    Replaced,
}

/// A worker that is registered, or will be as soon as Redis can be reached. Dropping it without [`Member::leave`] is what a crash is: the others notice
/// when its time to live is over.
pub struct Member {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    dialer: Dialer,
    keys: Keys,
    heartbeat: Duration,
    ttl: Duration,
    reported: Mutex<Reported>,
    wanted: watch::Sender<Wanted>,
    status: Watched,
    leaving: CancellationToken,
}

struct Reported {
    record: Record,
    /// What the others were told last.
    told: Option<State>,
}

impl Member {
    /// Registers. If Redis is away, that is done in the background. A name whose worker gives signs of life is refused, and so is a login. If the last
    /// life of this worker has crashed, its time to live is waited for.
    pub async fn join(config: Config, record: Record) -> Result<Member> {
        let RedisAt::Servers(servers) = config.location else {
            return Err(Error::new(ErrorKind::InvalidParameterValue, "a worker registers in Redis, and there is none")
                .with_hint("Give the setting redis, the same as the gateways have."));
        };
        let keys = Keys::new(&config.prefix);
        let shared = Arc::new(Shared {
            status: Watched::new(servers.mode_name(), servers.to_string(), Condition::Connecting),
            dialer: Dialer {
                servers,
                ca: config.tls_ca,
                timeout: config.timeout,
                channel: keys.channel(),
                about: Some(record.id.clone()),
                wake: Arc::new(Notify::new()),
            },
            keys,
            heartbeat: config.heartbeat,
            ttl: config.ttl,
            reported: Mutex::new(Reported { record, told: None }),
            wanted: watch::Sender::new(Wanted::Active),
            leaving: CancellationToken::new(),
        });
        let (first, outcome) = oneshot::channel();
        let member = Member { task: tokio::spawn(shared.clone().run(first)), shared };
        // Its task ends each of its steps in time; the name of a worker that has crashed becomes free after its time to live.
        match outcome.await {
            Ok(outcome) => outcome.map(|()| member),
            Err(_) => Err(Error::internal("the registration has ended without a word")),
        }
    }

    /// What it is wanted to do, now and later.
    pub fn orders(&self) -> watch::Receiver<Wanted> {
        self.shared.wanted.subscribe()
    }

    /// What the next sign of life tells. A change of state is told at once.
    pub fn report(&self, running: u64, state: State, cache: Option<CacheFigures>) {
        let mut reported = self.shared.reported.lock();
        let changed = reported.record.state != state;
        (reported.record.running, reported.record.state) = (running, state);
        reported.record.cache = cache;
        if changed {
            self.shared.dialer.wake.notify_one();
        }
    }

    /// How the connection is.
    pub fn status(&self) -> Status {
        self.shared.status.get()
    }

    /// Takes itself off the list, so that nobody waits for its time to live. If Redis is away, that is what they do.
    pub async fn leave(mut self) {
        self.shared.leaving.cancel();
        // A connection may have to be given up first, and then the word be said.
        if timeout(self.shared.dialer.timeout * 3, &mut self.task).await.is_err() {
            tracing::debug!("the others learn that this worker has ended when its time to live is over");
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What an earlier life, or another worker, said when its name was asked for first.
#[derive(Default)]
struct Holder(Option<String>);

impl Holder {
    /// One that says something new is alive; one that does not may be the rest of a crash.
    fn is_alive(&mut self, says: String) -> bool {
        let before = self.0.get_or_insert_with(|| says.clone());
        *before != says
    }
}

impl Shared {
    /// Until it is to leave or another one has its name.
    async fn run(self: Arc<Self>, first: oneshot::Sender<Result<()>>) {
        let mut first = Some(first);
        let mut backoff = Backoff::new();
        let mut remembered = None;
        let leaving = self.leaving.clone();
        loop {
            let Some(dialled) = leaving.run_until_cancelled(self.dialer.dial()).await else { return };
            let ended = match dialled {
                Ok(link) => self.live(&link, &mut backoff, &mut remembered, &mut first).await,
                Err(error) => Err(error),
            };
            let Err(error) = ended else { return };
            self.status.failed(error.clone());
            if let Some(first) = first.take() {
                let outcome = if is_passing(&error) { Ok(()) } else { Err(error) };
                let refused = outcome.is_err();
                if first.send(outcome).is_err() || refused {
                    return;
                }
            }
            if leaving.run_until_cancelled(sleep(backoff.wait())).await.is_none() {
                return;
            }
        }
    }

    /// Gives signs of life over one connection.
    async fn live(
        &self,
        link: &Link,
        backoff: &mut Backoff,
        remembered: &mut Option<Order>,
        first: &mut Option<oneshot::Sender<Result<()>>>,
    ) -> Result<()> {
        let mut holder = Holder::default();
        let mut superseded = pin!(self.dialer.superseded(link));
        loop {
            let (record, news) = self.record();
            let began = Instant::now();
            let beat = script::beat(&self.keys, &record, self.ttl, *remembered, news)?;
            let (outcome, said): (String, String) = link.command(&beat).await?;
            self.status.answered(began.elapsed());
            *backoff = Backoff::new();
            let pause = if outcome == "held" {
                if holder.is_alive(said) {
                    self.wanted.send_replace(Wanted::Replaced);
                    if let Some(first) = first.take() {
                        let _ = first.send(Err(taken(&record.id)));
                    }
                    return Ok(());
                }
                WAITING
            } else {
                holder = Holder::default();
                self.reported.lock().told = Some(record.state);
                *remembered = Order::read(&said).filter(|order| order.closes(record.incarnation));
                self.obey(*remembered);
                if let Some(first) = first.take() {
                    let _ = first.send(Ok(()));
                }
                self.heartbeat
            };
            tokio::select! {
                biased;
                () = self.leaving.cancelled() => {
                    let leave = script::leave(&self.keys, &record.id, record.incarnation, self.ttl);
                    let _: i64 = link.command(&leave).await?;
                    return Ok(());
                }
                error = &mut superseded => return Err(error),
                () = self.dialer.wake.notified() => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// What to say of itself now, and whether it is news.
    fn record(&self) -> (Record, News) {
        let mut reported = self.reported.lock();
        reported.record.heartbeat_at = Utc::now();
        let known = reported.told.is_none_or(|told| told == reported.record.state);
        (reported.record.clone(), if known { News::None } else { News::State })
    }

    fn obey(&self, order: Option<Order>) {
        let wanted = match order {
            None | Some(Order::Active) => Wanted::Active,
            Some(Order::Draining) => Wanted::Draining,
            Some(Order::Removed(_)) => Wanted::Removed,
        };
        self.wanted.send_if_modified(|now| {
            let changed = *now != wanted && *now != Wanted::Removed;
            if changed {
                *now = wanted;
            }
            changed
        });
    }
}

fn taken(id: &str) -> Error {
    Error::new(ErrorKind::DuplicateObject, format!("worker \"{id}\" is there already"))
        .with_detail("Another worker gives signs of life under this name.")
        .with_hint("Give each worker a name of its own.")
}
