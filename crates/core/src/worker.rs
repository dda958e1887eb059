//! The trait by which the rest of the house reaches a DuckDB worker, in this process or far away, without seeing DuckDB.

use crate::Result;
use crate::executor::{Executor, RemoteStatement};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;

/// Runs statements of DuckDB's dialect.
#[async_trait]
pub trait Worker: Executor {
    /// The columns that the statement would return, without running it. Types are those that DuckDB gives, mapped to Arrow.
    async fn describe(&self, statement: &RemoteStatement) -> Result<SchemaRef>;

    /// Whether it is able to read object stores; the error says what it lacks and how to get it.
    fn reads_stores(&self) -> Result<()>;
}
