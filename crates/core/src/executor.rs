//! The trait by which statements are run outside of the gateway: in a DuckDB worker, or in the database that holds the tables. It must not know any
//! driver.

use crate::store::Store;
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
}

impl RemoteStatement {
    /// A statement that reads no object store.
    pub fn new(sql: impl Into<String>) -> Self {
        RemoteStatement { sql: sql.into(), stores: Vec::new() }
    }
}

/// Runs statements.
#[async_trait]
pub trait Executor: Send + Sync {
    /// The name that EXPLAIN and errors give it: a worker's id, or the catalog of a source.
    fn id(&self) -> &str;

    /// What it speaks.
    fn dialect(&self) -> Dialect;

    /// Runs the statement. Batches have exactly `schema`: a value that does not fit is an error, never a NULL or another value. Rows are read as
    /// they are asked for; dropping the stream stops the statement where it runs.
    async fn execute(&self, statement: &RemoteStatement, schema: SchemaRef) -> Result<BatchStream>;
}
