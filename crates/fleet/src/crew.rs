//! The workers of a gateway, and the one inside of it: who of them is asked next, and what becomes of those that fail. It must not know what a statement
//! has gone through.

use crate::choice::{self, Unfit, by_claim, fit};
use crate::client::{Clients, Peer};
use crate::failure::Failure;
use crate::order::Errand;
use crate::record::Record;
use crate::roster::Roster;
use crate::run::Started;
use crate::standing::{Engaged, Standings};
use arrow::datatypes::SchemaRef;
use futures::{StreamExt, stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use weft_core::executor::RemoteStatement;
use weft_core::input::Input;
use weft_core::settings::WorkerFallback;
use weft_core::trace::Trail;
use weft_core::worker::Worker;
use weft_core::{Error, ErrorKind, Result};

/// What a gateway does with workers.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How often one statement is begun on workers before it fails, or runs in the gateway.
    pub attempts: usize,
    /// Who runs a statement if no worker can.
    pub fallback: WorkerFallback,
    /// Bytes of rows that are kept until a statement has ended, so that it can be begun again.
    pub holdback: u64,
    /// Statements that are remembered.
    pub task_history: usize,
}

/// The workers.
pub(crate) struct Crew {
    twin: Arc<dyn Worker>,
    remote: Option<Remote>,
    setup: String,
    standings: Arc<Standings>,
    policy: Policy,
}

/// Workers that have registered, and the ways to them.
pub(crate) struct Remote {
    pub(crate) roster: Arc<dyn Roster>,
    pub(crate) clients: Clients,
}

/// Where an attempt runs.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// On a worker.
    Remote(Arc<Record>),
    /// In this process.
    Here,
}

impl Place {
    /// What it is called.
    pub(crate) fn id(&self) -> Arc<str> {
        match self {
            Place::Remote(worker) => worker.id.as_str().into(),
            Place::Here => HERE.into(),
        }
    }
}

/// How long a worker may take to do what it is told.
const ORDER: Duration = Duration::from_secs(10);

/// Workers that are told something at once.
const ASKED_AT_ONCE: usize = 16;

/// What the worker in the gateway is called.
pub(crate) const HERE: &str = "local";

impl Crew {
    /// Without others, `twin` runs everything.
    pub(crate) fn new(twin: Arc<dyn Worker>, remote: Option<Remote>, setup: String, policy: Policy) -> Crew {
        Crew { twin, remote, setup, standings: Arc::default(), policy }
    }

    /// The worker inside of the gateway.
    pub(crate) fn twin(&self) -> &Arc<dyn Worker> {
        &self.twin
    }

    /// See [`Policy::holdback`].
    pub(crate) fn holdback(&self) -> u64 {
        self.policy.holdback
    }

    /// Workers that could run a statement on these files now.
    pub(crate) fn able(&self, inputs: &[Arc<Input>]) -> Vec<Record> {
        let known = self.known();
        known.iter().filter(|w| fit(w, &self.setup, inputs).is_ok() && !self.standings.rests(w)).cloned().collect()
    }

    /// Why the worker is not asked for anything; none if it is.
    pub(crate) fn complaint(&self, worker: &Record) -> Option<&'static str> {
        match fit(worker, &self.setup, &[]) {
            Err(Unfit::Skewed) => Some("skewed"),
            Err(Unfit::Draining | Unfit::Blind) => Some("draining"),
            Ok(()) => self.standings.rests(worker).then_some("quarantined"),
        }
    }

    /// Who is asked next.
    pub(crate) fn choose(
        &self,
        statement: &RemoteStatement,
        preferred: Option<&str>,
        tried: &[(String, u64)],
    ) -> Result<Place> {
        // What reads no table is a look into files that the gateway lists, too: what it finds must not depend on who is there.
        if self.remote.is_none() || statement.inputs.is_empty() {
            return Ok(Place::Here);
        }
        if tried.len() < self.policy.attempts
            && let Some(worker) = self.next(statement, preferred, tried)
        {
            return Ok(Place::Remote(Arc::new(worker)));
        }
        match self.policy.fallback {
            WorkerFallback::Embedded => Ok(Place::Here),
            WorkerFallback::Refused => Err(self.nobody(&statement.inputs)),
        }
    }

    fn next(&self, statement: &RemoteStatement, preferred: Option<&str>, tried: &[(String, u64)]) -> Option<Record> {
        let mut able = self.able(&statement.inputs);
        able.retain(|w| !tried.iter().any(|(id, incarnation)| w.id == *id && w.incarnation == *incarnation));
        if let Some(at) = able.iter().position(|w| Some(w.id.as_str()) == preferred) {
            return Some(able.swap_remove(at));
        }
        by_claim(&mut able, choice::key(statement), |w| &w.id);
        let running: Vec<usize> = able.iter().map(|w| self.standings.running(w)).collect();
        let most = choice::most_running(running.iter().sum(), able.len());
        let at = running.iter().position(|n| *n < most).unwrap_or(0);
        (at < able.len()).then(|| able.swap_remove(at))
    }

    fn nobody(&self, inputs: &[Arc<Input>]) -> Error {
        let known = self.known();
        let folder = inputs.iter().find_map(|i| i.folder.as_deref());
        let detail = match folder {
            _ if known.is_empty() => "No worker has registered.".to_owned(),
            Some(folder) if known.iter().all(|w| fit(w, &self.setup, inputs) == Err(Unfit::Blind)) => {
                format!("None of {} has {} in its file_roots.", known.len(), folder.display())
            }
            _ => format!("None of {} is fit; see system.runtime.workers.", known.len()),
        };
        Error::new(ErrorKind::ConfigurationLimitExceeded, "no worker can run the statement")
            .with_detail(detail)
            .with_hint(
                "Start workers with `weft worker`, or let the gateway help out with worker_fallback = \"embedded\".",
            )
    }

    /// Begins the statement there, at this place in a trace.
    pub(crate) async fn start(
        &self,
        place: &Place,
        statement: &RemoteStatement,
        schema: &SchemaRef,
        trail: &Trail,
    ) -> Result<Started, Failure> {
        match (place, &self.remote) {
            (Place::Remote(worker), Some(remote)) => {
                let peer = Peer { id: worker.id.clone(), address: worker.address.clone() };
                remote.clients.execute(&peer, statement, schema.clone(), trail).await.map(Started::remote)
            }
            _ => {
                let rows = self.twin.execute(statement, schema.clone()).await;
                rows.map(Started::here).map_err(Failure::Statement)
            }
        }
    }

    /// Counts the statement for a worker until the guard is dropped.
    pub(crate) fn engage(&self, place: &Place) -> Option<Engaged> {
        match place {
            Place::Remote(worker) => Some(self.standings.enter(worker)),
            Place::Here => None,
        }
    }

    /// It did what it was asked.
    pub(crate) fn worked(&self, place: &Place) {
        if let Place::Remote(worker) = place {
            self.standings.worked(worker);
        }
    }

    /// It failed: others are asked for a while, and its connection is given up.
    pub(crate) fn failed(&self, place: &Place) {
        if let (Place::Remote(worker), Some(remote)) = (place, &self.remote) {
            self.standings.failed(worker);
            remote.clients.disconnect(&worker.address);
            let known = remote.roster.workers();
            self.standings.keep(&known);
            remote.clients.keep(|address| known.iter().any(|w| w.address == address));
        }
    }

    /// Has all that have registered do something, those that drain or rest too. Fails if somebody may not have done it; the others have.
    pub(crate) async fn order(&self, errand: Errand) -> Result<()> {
        let Some(remote) = &self.remote else { return Ok(()) };
        let ask = |worker: &Record| {
            let peer = Peer { id: worker.id.clone(), address: worker.address.clone() };
            async move {
                let done = timeout(ORDER, remote.clients.order(&peer, errand)).await;
                done.map_or_else(
                    |_| Err(format!("{}: no answer", peer.id)),
                    |done| done.map_err(|failure| format!("{}: {}", peer.id, failure.into_error())),
                )
            }
        };
        let known = self.known();
        let answers: Vec<_> = stream::iter(known.iter().map(ask)).buffer_unordered(ASKED_AT_ONCE).collect().await;
        let failed: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
        if failed.is_empty() {
            return Ok(());
        }
        let message = format!("{} of {} workers did not do as they were told", failed.len(), known.len());
        Err(Error::new(ErrorKind::ConnectionFailed, message)
            .with_detail(failed.join("; "))
            .with_hint("The others did. Try again."))
    }

    /// All that have registered.
    pub(crate) fn known(&self) -> Arc<[Record]> {
        self.remote.as_ref().map_or_else(|| Arc::from([]), |remote| remote.roster.workers())
    }
}
