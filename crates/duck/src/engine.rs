//! The engine: the limit on statements at once, and the way of each statement into the database that has its stores.

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
use weft_core::worker::{Seat, Worker};
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
    stores: Vec<Arc<Store>>,
    permit: OwnedSemaphorePermit,
}

impl Engine {
    /// Opens the database of statements that read no store, so that what cannot work fails at once. Blocks for some milliseconds.
    pub fn open(config: Config) -> Result<Arc<Self>> {
        let (id, permits) = (config.id.clone(), config.max_statements.max(1));
        let rooms = Rooms::new(config);
        drop(rooms.open(Vec::new())?);
        Ok(Arc::new(Engine { id, rooms, permits: Arc::new(Semaphore::new(permits)) }))
    }

    async fn admit(&self, statement: &RemoteStatement) -> Result<Admitted> {
        let stores = settle(&statement.stores)?;
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|e| Error::internal("the DuckDB worker is closed").with_source(e))?;
        let lease = self.rooms.enter(stores.clone()).await?;
        Ok(Admitted { lease, stores, permit })
    }
}

#[async_trait]
impl Worker for Engine {
    async fn describe(&self, statement: &RemoteStatement) -> Result<SchemaRef> {
        let Admitted { lease, stores, permit } = self.admit(statement).await?;
        let sql = statement.sql.clone();
        let work = tokio::task::spawn_blocking(move || {
            let schema = lease.connection().describe(&sql).map_err(|e| named(e, &stores));
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
        let Admitted { lease, stores, permit } = self.admit(statement).await?;
        let task = Task { lease, stores, sql: statement.sql.clone(), schema: schema.clone(), permit };
        Ok(BatchStream::new(schema, task::start(task)))
    }
}
