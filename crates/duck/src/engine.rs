//! The engine: the limit on statements at once, and the way of each statement into the database that has its stores.

use crate::cache::{Cache, Visit};
use crate::config::Config;
use crate::request::named;
use crate::rooms::{Lease, Rooms};
use crate::store::settle;
use crate::task::{self, Task};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weft_core::executor::{Dialect, Executor, RemoteStatement};
use weft_core::input::Input;
use weft_core::store::Store;
use weft_core::worker::{CacheFigures, Seat, Worker};
use weft_core::{BatchStream, Error, Result};

/// DuckDB in this process.
pub struct Engine {
    id: String,
    rooms: Arc<Rooms>,
    permits: Arc<Semaphore>,
}

/// What a statement needs before it can run.
struct Admitted {
    lease: Lease,
    visit: Option<Visit>,
    stores: Vec<Arc<Store>>,
    permit: OwnedSemaphorePermit,
}

impl Engine {
    /// Opens the database of statements that read no store, so that what cannot work fails at once. Blocks for some milliseconds.
    pub fn open(config: Config) -> Result<Arc<Self>> {
        let (id, permits) = (config.id.clone(), config.max_statements.max(1));
        let cache = config.cache.as_ref().map(Cache::open).transpose()?;
        let rooms = Rooms::new(config, cache.map(Arc::new));
        drop(rooms.open(Vec::new())?);
        Ok(Arc::new(Engine { id, rooms, permits: Arc::new(Semaphore::new(permits)) }))
    }

    async fn admit(&self, statement: &RemoteStatement) -> Result<Admitted> {
        let stores = settle(&statement.stores)?;
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|e| Error::internal("the DuckDB worker is closed").with_source(e))?;
        let lease = self.rooms.enter(stores.clone()).await?;
        let visit = lease.admit(statement.traffic.clone());
        Ok(Admitted { lease, visit, stores, permit })
    }
}

#[async_trait]
impl Worker for Engine {
    async fn describe(&self, statement: &RemoteStatement) -> Result<SchemaRef> {
        let Admitted { lease, visit, stores, permit } = self.admit(statement).await?;
        // Whoever gives up waiting ends what DuckDB waits for.
        let _requests = visit.as_ref().map(|visit| visit.leave().drop_guard());
        let sql = statement.sql.clone();
        let work = tokio::task::spawn_blocking(move || {
            let introduced = visit.as_ref().map_or(Ok(()), |visit| lease.connection().run(&visit.introduction()));
            let schema = introduced.and_then(|()| lease.connection().describe(&sql));
            let schema = schema.map_err(|e| named(e, &stores, visit.as_ref()));
            drop(visit);
            lease.give_back();
            drop(permit);
            schema
        });
        work.await.map_err(|e| Error::internal("describing a statement failed").with_source(e))?
    }

    fn reads_stores(&self) -> Result<()> {
        self.rooms.reads_stores()
    }

    /// There is no choice.
    fn crew(&self, _inputs: &[Arc<Input>]) -> Vec<Seat> {
        Vec::new()
    }

    fn caches(&self) -> Vec<CacheFigures> {
        let figures = |cache: &Arc<Cache>| CacheFigures { worker: self.id.clone(), ..cache.figures() };
        self.rooms.cache().map(figures).into_iter().collect()
    }

    async fn drop_caches(&self) -> Result<()> {
        let rooms = self.rooms.clone();
        let work = tokio::task::spawn_blocking(move || {
            if let Some(cache) = rooms.cache() {
                cache.clear();
            }
            rooms.forget_files()
        });
        work.await.map_err(|e| Error::internal("emptying the caches broke off").with_source(e))?
    }
}

#[async_trait]
impl Executor for Engine {
    fn id(&self) -> &str {
        &self.id
    }

    fn dialect(&self) -> Dialect {
        Dialect::DuckDb
    }

    async fn execute(&self, statement: &RemoteStatement, schema: SchemaRef) -> Result<BatchStream> {
        let Admitted { lease, visit, stores, permit } = self.admit(statement).await?;
        let task = Task { lease, visit, stores, sql: statement.sql.clone(), schema: schema.clone(), permit };
        Ok(BatchStream::new(schema, task::start(task)))
    }
}
