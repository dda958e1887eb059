//! The workers as the rest of the house sees them: one [`Worker`] that hands each statement to whoever should run it. It must not know plans.

use crate::client::Clients;
use crate::crew::{Crew, HERE, Place, Policy, Remote};
use crate::key::Key;
use crate::order::Errand;
use crate::record::Record;
use crate::roster::Roster;
use crate::run::Run;
use crate::tasks::{Task, Tasks};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use std::sync::Arc;
use weft_core::executor::{Dialect, Executor, RemoteStatement};
use weft_core::input::Input;
use weft_core::worker::{CacheFigures, Seat, Worker};
use weft_core::{BatchStream, Result};

/// All workers of a gateway.
pub struct Fleet {
    crew: Arc<Crew>,
    tasks: Arc<Tasks>,
}

/// A registered worker, and why it is not asked for anything, if it is not.
#[derive(Debug, Clone)]
pub struct Known {
    /// What it says of itself.
    pub record: Record,
    /// `active`, `draining`, `quarantined` or `skewed`.
    pub state: &'static str,
}

impl Fleet {
    /// Statements go to the workers of the roster, by tickets under the key; to `twin`, the worker inside of the gateway, if there is no roster, or as the
    /// policy says. `setup` tells what statements are written for.
    pub fn new(twin: Arc<dyn Worker>, roster: Option<(Arc<dyn Roster>, Key)>, setup: String, policy: Policy) -> Fleet {
        let tasks = Arc::new(Tasks::new(policy.task_history));
        let remote = roster.map(|(roster, key)| Remote { roster, clients: Clients::new(key, setup.clone()) });
        Fleet { crew: Arc::new(Crew::new(twin, remote, setup, policy)), tasks }
    }

    /// The workers that have registered.
    pub fn workers(&self) -> Vec<Known> {
        let state = |record: &Record| self.crew.complaint(record).unwrap_or("active");
        self.crew.known().iter().map(|record| Known { state: state(record), record: record.clone() }).collect()
    }

    /// What workers had to do lately.
    pub fn tasks(&self) -> Vec<Arc<Task>> {
        self.tasks.list()
    }
}

#[async_trait]
impl Worker for Fleet {
    /// The gateway looks at files itself: it lists them, too.
    async fn describe(&self, statement: &RemoteStatement) -> Result<SchemaRef> {
        self.crew.twin().describe(statement).await
    }

    fn reads_stores(&self) -> Result<()> {
        self.crew.twin().reads_stores()
    }

    fn crew(&self, inputs: &[Arc<Input>]) -> Vec<Seat> {
        let able = self.crew.able(inputs);
        let seat = |worker: Record| Seat {
            cores: worker.cores,
            executor: Arc::new(OneOfThem { crew: self.crew.clone(), tasks: self.tasks.clone(), id: worker.id.into() }),
        };
        able.into_iter().map(seat).collect()
    }

    /// Those of the worker inside of the gateway, and those that registered workers told of with their last sign of life.
    fn caches(&self) -> Vec<CacheFigures> {
        let mut caches = self.crew.twin().caches();
        caches.extend(self.crew.known().iter().filter_map(|worker| worker.cache.clone()));
        caches
    }

    async fn drop_caches(&self) -> Result<()> {
        let (here, there) = futures::join!(self.crew.twin().drop_caches(), self.crew.order(Errand::DropCaches));
        here.and(there)
    }
}

#[async_trait]
impl Executor for Fleet {
    fn id(&self) -> &str {
        HERE
    }

    fn whereabouts(&self, statement: &RemoteStatement) -> Option<Arc<str>> {
        self.crew.choose(statement, None, &[]).ok().map(|place: Place| place.id())
    }

    fn dialect(&self) -> Dialect {
        Dialect::DuckDb
    }

    async fn execute(&self, statement: &RemoteStatement, schema: SchemaRef) -> Result<BatchStream> {
        self.tasks.add(statement);
        Ok(Run::new(self.crew.clone(), statement.clone(), schema, None).stream())
    }
}

/// One worker, as long as it lives; then any other one.
struct OneOfThem {
    crew: Arc<Crew>,
    tasks: Arc<Tasks>,
    id: Arc<str>,
}

#[async_trait]
impl Executor for OneOfThem {
    fn id(&self) -> &str {
        &self.id
    }

    fn dialect(&self) -> Dialect {
        Dialect::DuckDb
    }

    async fn execute(&self, statement: &RemoteStatement, schema: SchemaRef) -> Result<BatchStream> {
        self.tasks.add(statement);
        Ok(Run::new(self.crew.clone(), statement.clone(), schema, Some(self.id.clone())).stream())
    }
}
