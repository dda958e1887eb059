//! The trait by which the rest of the house reaches a DuckDB worker, in this process or far away, without seeing DuckDB.

use crate::{BatchStream, Result};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;

/// Runs statements of DuckDB's dialect.
#[async_trait]
pub trait Worker: Send + Sync {
    /// The name that EXPLAIN, SHOW WORKERS and errors give it.
    fn id(&self) -> &str;

    /// The columns that the statement would return, without running it. Types are those that DuckDB gives, mapped to Arrow.
    async fn describe(&self, sql: &str) -> Result<SchemaRef>;

    /// Runs the statement. Batches are cast to `schema` column by column (a value that does not fit is an error, never a NULL). Dropping the
    /// stream interrupts the statement.
    async fn execute(&self, sql: &str, schema: SchemaRef) -> Result<BatchStream>;
}
