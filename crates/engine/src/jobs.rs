//! Long work that goes on by itself: started, watched, cancelled, and recorded with its end. It must not know what the work is.

use crate::interrupt::Interrupt;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};
use weft_meta::{JobState, Metastore, NewJob};

/// The jobs of this gateway.
pub struct Jobs {
    metastore: Arc<Metastore>,
    gateway: Uuid,
    /// How many that have ended are kept.
    history: usize,
    stopping: CancellationToken,
    running: Mutex<HashMap<Uuid, Running>>,
    /// What running jobs work on alone.
    claimed: Mutex<HashSet<(Uuid, String)>>,
}

/// Something that no other job works on for as long as this is kept.
pub struct Claim {
    jobs: Arc<Jobs>,
    object: (Uuid, String),
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.jobs.claimed.lock().remove(&self.object);
    }
}

struct Running {
    cancelled: CancellationToken,
    progress: Progress,
}

/// The most jobs at once.
const MOST: usize = 64;

/// How far a job has come.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<(AtomicI64, AtomicI64)>);

impl Progress {
    /// There is so much to do.
    pub fn expect(&self, total: i64) {
        self.0.1.store(total, Relaxed);
    }

    /// So much more has been done.
    pub fn advance(&self, done: usize) {
        self.0.0.fetch_add(i64::try_from(done).unwrap_or(0), Relaxed);
    }

    /// What has been done, and what there is to do, if that is known.
    pub fn figures(&self) -> (i64, Option<i64>) {
        let (done, total) = (self.0.0.load(Relaxed), self.0.1.load(Relaxed));
        (done, (total > 0).then_some(total.max(done)))
    }
}

/// What a job works with.
pub struct Work {
    /// Its id.
    pub id: Uuid,
    /// Where it tells how far it has come.
    pub progress: Progress,
    /// What stops it.
    pub interrupt: Interrupt,
}

/// A job that has begun.
pub struct Started<T> {
    /// Its id.
    pub id: Uuid,
    outcome: oneshot::Receiver<Result<T>>,
    cancelled: CancellationToken,
}

impl<T> Started<T> {
    /// Waits for its end. A job that is not waited for any more is cancelled.
    pub async fn outcome(self) -> Result<T> {
        let _given_up = self.cancelled.drop_guard();
        self.outcome.await.unwrap_or_else(|_| Err(Error::internal("a job broke off")))
    }

    /// Lets it go on by itself.
    pub fn detach(self) -> Uuid {
        self.id
    }
}

/// Forgets a job when it is dropped.
struct Forgotten {
    jobs: Arc<Jobs>,
    id: Uuid,
}

impl Drop for Forgotten {
    fn drop(&mut self) {
        self.jobs.running.lock().remove(&self.id);
    }
}

/// How often something is stored anew that could not be.
const AGAIN: Duration = Duration::from_secs(2);

/// Whether the metadata store is away for now.
fn is_passing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::CannotConnectNow | ErrorKind::ReadOnlyTransaction)
}

/// Stores what has happened already: while the metadata store is away, again and again.
pub(crate) async fn until_stored<F: Future<Output = Result<()>>>(store: impl Fn() -> F) -> Result<()> {
    loop {
        match store().await {
            Err(error) if is_passing(&error) => tokio::time::sleep(AGAIN).await,
            stored => return stored,
        }
    }
}

impl Jobs {
    /// No job yet. `history` ended ones are kept; `stopping` fires when the gateway shuts down.
    pub fn new(metastore: Arc<Metastore>, gateway: Uuid, history: usize, stopping: CancellationToken) -> Arc<Jobs> {
        Arc::new(Jobs { metastore, gateway, history, stopping, running: Mutex::default(), claimed: Mutex::default() })
    }

    /// Keeps other jobs from a part of a catalog, whatever the part is called; 55006 if one works on it. `what` names it for people.
    pub fn claim(self: &Arc<Self>, catalog: Uuid, part: &str, what: &str) -> Result<Claim> {
        let object = (catalog, part.to_owned());
        if self.claimed.lock().insert(object.clone()) {
            return Ok(Claim { jobs: self.clone(), object });
        }
        Err(Error::new(ErrorKind::ObjectInUse, format!("another job works on {what}"))
            .with_hint("SHOW JOBS lists them, CANCEL JOB stops one."))
    }

    /// Starts a job, which may take so long. `begun` is its id if it has its row already, because it takes the place of another gateway's.
    pub async fn start<T, F>(
        self: &Arc<Self>,
        new: NewJob<'_>,
        begun: Option<Uuid>,
        timeout: Duration,
        work: impl FnOnce(Work) -> F,
    ) -> Result<Started<T>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        if self.running.lock().len() >= MOST {
            return Err(Error::new(ErrorKind::ConfigurationLimitExceeded, format!("{MOST} jobs are running"))
                .with_hint("SHOW JOBS lists them, CANCEL JOB stops one."));
        }
        let id = match begun {
            Some(id) => id,
            None => self.metastore.jobs().begin(new, self.gateway, self.history).await?,
        };
        let cancelled = CancellationToken::new();
        let progress = Progress::default();
        self.running.lock().insert(id, Running { cancelled: cancelled.clone(), progress: progress.clone() });
        let interrupt = Interrupt::new(cancelled.clone(), self.stopping.clone(), Some(timeout));
        let work = work(Work { id, progress: progress.clone(), interrupt });
        let (told, outcome) = oneshot::channel();
        let jobs = self.clone();
        tokio::spawn(async move {
            let outcome = match tokio::spawn(work).await {
                Ok(outcome) => outcome,
                Err(error) => Err(Error::internal("a job broke off").with_source(error)),
            };
            jobs.ended(id, &progress, outcome.as_ref().err()).await;
            let _ = told.send(outcome);
        });
        Ok(Started { id, outcome, cancelled })
    }

    /// The end of a job that could not even be started, if that is what it is.
    pub async fn gave_up(self: &Arc<Self>, id: Uuid, error: &Error) {
        if self.progress(id).is_none() {
            self.ended(id, &Progress::default(), Some(error)).await;
        }
    }

    async fn ended(self: &Arc<Self>, id: Uuid, progress: &Progress, error: Option<&Error>) {
        let state = match error.map(Error::kind) {
            None => JobState::Succeeded,
            Some(ErrorKind::QueryCanceled) => JobState::Cancelled,
            Some(ErrorKind::AdminShutdown) => JobState::Interrupted,
            Some(_) => JobState::Failed,
        };
        let (done, total) = progress.figures();
        match self.metastore.jobs().end(id, state, done, total, error).await {
            Err(failure) if is_passing(&failure) => {
                // Nobody waits for this. The job counts as one of those that run, so that there are not too many.
                let (metastore, error) = (self.metastore.clone(), error.cloned());
                let forgotten = Forgotten { jobs: self.clone(), id };
                tokio::spawn(async move {
                    let _forgotten = forgotten;
                    let end = || async { metastore.jobs().end(id, state, done, total, error.as_ref()).await };
                    if let Err(error) = until_stored(end).await {
                        tracing::error!(%error, job = %id, "the end of a job could not be stored");
                    }
                });
                return;
            }
            Err(error) => tracing::error!(%error, job = %id, "the end of a job could not be stored"),
            Ok(()) => {}
        }
        self.running.lock().remove(&id);
    }

    /// Stops a job; tells whether it ran here.
    pub fn cancel(&self, id: Uuid) -> bool {
        match self.running.lock().get(&id) {
            Some(running) => {
                running.cancelled.cancel();
                true
            }
            None => false,
        }
    }

    /// How far a job has come that runs here.
    pub fn progress(&self, id: Uuid) -> Option<Progress> {
        self.running.lock().get(&id).map(|running| running.progress.clone())
    }
}
