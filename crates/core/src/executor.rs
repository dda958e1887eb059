//! The trait by which statements are run outside of the gateway: in a DuckDB worker, or in the database that holds the tables. It must not know any
//! driver.

use crate::input::Input;
use crate::report::{Report, Traffic};
use crate::store::Store;
use crate::trace::Trail;
use crate::{BatchStream, Result};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use std::sync::Arc;

/// Whose SQL a statement is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// DuckDB.
    DuckDb,
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    MySql(MySqlServer),
}

/// Which of the servers that speak MySQL's protocol it is: they differ in the names of collations and types of casts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MySqlServer {
    /// MySQL 8 and later.
    MySql,
    /// MariaDB 10.6 and later.
    MariaDb,
}

/// A statement with what it needs besides its text.
#[derive(Debug, Clone)]
pub struct RemoteStatement {
    /// The text, in the executor's dialect.
    pub sql: String,
    /// The object stores that it reads, for workers. A worker opens no other.
    pub stores: Vec<Arc<Store>>,
    /// The tables of files that it reads, for workers: where a statement runs depends on them.
    pub inputs: Vec<Arc<Input>>,
    /// Whether a second run could go on where a first one broke off.
    pub order: RowOrder,
    /// Where it is written down who ran it, and how that went.
    pub report: Arc<Report>,
    /// Where the worker in this process counts what it reads of objects.
    pub traffic: Arc<Traffic>,
    /// Where it belongs in a trace.
    pub trail: Trail,
}

/// What is known of the order in which a statement's rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOrder {
    /// It is the same whenever the statement is run on the same files.
    Fixed,
    /// It may differ between two runs.
    Free,
}

impl RemoteStatement {
    /// A statement that reads no object store and no file.
    pub fn new(sql: impl Into<String>) -> Self {
        RemoteStatement {
            sql: sql.into(),
            stores: Vec::new(),
            inputs: Vec::new(),
            order: RowOrder::Free,
            report: Arc::default(),
            traffic: Arc::default(),
            trail: Trail::default(),
        }
    }

    /// The same statement, which reads these stores.
    #[must_use]
    pub fn on(self, stores: Vec<Arc<Store>>) -> Self {
        RemoteStatement { stores, ..self }
    }
}

/// Runs statements.
#[async_trait]
pub trait Executor: Send + Sync {
    /// The name that EXPLAIN and errors give it: a worker's id, or the catalog of a source.
    fn id(&self) -> &str;

    /// The name of whoever would run this statement, where that depends on the statement.
    fn whereabouts(&self, _statement: &RemoteStatement) -> Option<Arc<str>> {
        None
    }

    /// What it speaks.
    fn dialect(&self) -> Dialect;

    /// Runs the statement. Batches have exactly `schema`: a value that does not fit is an error, never a NULL or another value. Rows are read as
    /// they are asked for; dropping the stream stops the statement where it runs.
    async fn execute(&self, statement: &RemoteStatement, schema: SchemaRef) -> Result<BatchStream>;
}
