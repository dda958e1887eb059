//! The engine: the database, its idle connections, and the limit on statements at once.

use crate::config::Config;
use crate::ffi::{Connection, Database};
use crate::task::{self, Task};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weft_core::executor::{Dialect, Executor, RemoteStatement};
use weft_core::worker::Worker;
use weft_core::{BatchStream, Error, Result};

/// A DuckDB database in this process.
pub struct Engine {
    id: String,
    database: Arc<Database>,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Engine {
    /// Opens the database, runs the set-up statements and locks its configuration. Blocks for some milliseconds.
    pub fn open(config: Config) -> Result<Arc<Self>> {
        let mut options = vec![
            ("memory_limit", format!("{}B", config.memory_bytes)),
            ("temp_directory", config.spill_dir.display().to_string()),
            ("max_temp_directory_size", format!("{}B", config.spill_bytes)),
            ("autoinstall_known_extensions", "false".to_owned()),
            ("autoload_known_extensions", "false".to_owned()),
            ("allow_community_extensions", "false".to_owned()),
            // LIMIT without ORDER BY and plain scans keep the files' order, as a user of PostgreSQL expects of a heap.
            ("preserve_insertion_order", "true".to_owned()),
        ];
        if config.threads > 0 {
            options.push(("threads", config.threads.to_string()));
        }
        let database = Database::open(&options)?;
        let connection = database.connect()?;
        for sql in set_up(&config) {
            connection.run(&sql)?;
        }
        let permits = Arc::new(Semaphore::new(config.max_statements.max(1)));
        Ok(Arc::new(Engine { id: config.id, database, idle: Arc::new(Mutex::new(vec![connection])), permits }))
    }

    async fn admit(&self) -> Result<OwnedSemaphorePermit> {
        self.permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|e| Error::internal("the DuckDB worker is closed").with_source(e))
    }

    fn connection(&self) -> Result<Connection> {
        let idle = self.idle.lock().pop();
        match idle {
            Some(connection) => Ok(connection),
            None => self.database.connect(),
        }
    }
}

/// What every new database runs once: times are UTC, only the given folders can be read, nothing can be changed afterwards.
fn set_up(config: &Config) -> Vec<String> {
    let folders: Vec<_> =
        config.readable.iter().map(|p| weft_core::name::quote_literal(&format!("{}/", p.display()))).collect();
    let mut statements = config.setup.clone();
    statements.push("SET GLOBAL TimeZone = 'UTC'".to_owned());
    statements.push(format!("SET GLOBAL allowed_directories = [{}]", folders.join(", ")));
    statements.push("SET GLOBAL enable_external_access = false".to_owned());
    statements.push("SET GLOBAL lock_configuration = true".to_owned());
    statements
}

#[async_trait]
impl Worker for Engine {
    async fn describe(&self, statement: &RemoteStatement) -> Result<SchemaRef> {
        let permit = self.admit().await?;
        let connection = self.connection()?;
        let (idle, sql) = (self.idle.clone(), statement.sql.clone());
        let work = tokio::task::spawn_blocking(move || {
            let schema = connection.describe(&sql);
            idle.lock().push(connection);
            drop(permit);
            schema
        });
        work.await.map_err(|e| Error::internal("describing a statement failed").with_source(e))?
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
        let permit = self.admit().await?;
        let connection = self.connection()?;
        let idle = self.idle.clone();
        let task = Task {
            connection,
            sql: statement.sql.clone(),
            schema: schema.clone(),
            permit,
            give_back: Box::new(move |connection| idle.lock().push(connection)),
        };
        Ok(BatchStream::new(schema, task::start(task)))
    }
}
