//! The trait by which the rest of the house reaches DuckDB workers, in this process or far away, without seeing DuckDB.

use crate::Result;
use crate::executor::{Executor, RemoteStatement};
use crate::input::Input;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use std::sync::Arc;

/// Runs statements of DuckDB's dialect.
#[async_trait]
pub trait Worker: Executor {
    /// The columns that the statement would return, without running it. Types are those that DuckDB gives, mapped to Arrow.
    async fn describe(&self, statement: &RemoteStatement) -> Result<SchemaRef>;

    /// Whether it is able to read object stores; the error says what it lacks and how to get it.
    fn reads_stores(&self) -> Result<()>;

    /// The workers that could run a statement on these files now. None, if there is no choice: then [`Executor::execute`] runs it where it can.
    fn crew(&self, inputs: &[Arc<Input>]) -> Vec<Seat>;
}

/// One of several workers.
#[derive(Clone)]
pub struct Seat {
    /// Runs a statement there, or where that one cannot, elsewhere.
    pub executor: Arc<dyn Executor>,
    /// Threads that execute statements.
    pub cores: usize,
}
