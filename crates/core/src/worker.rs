//! The trait by which the rest of the house reaches DuckDB workers, in this process or far away, without seeing DuckDB.

use crate::Result;
use crate::executor::{Executor, RemoteStatement};
use crate::input::Input;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
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

    /// What is kept of objects on disks, as far as it is known without asking anybody.
    fn caches(&self) -> Vec<CacheFigures>;

    /// Forgets all that is kept of objects. Fails if some worker may not have done so; the others have.
    async fn drop_caches(&self) -> Result<()>;
}

/// A cache of objects, and what good it has done since its worker started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheFigures {
    /// The worker's name.
    pub worker: String,
    /// Pieces of objects that it holds.
    pub entries: u64,
    /// Bytes that they take on the disk.
    pub bytes: u64,
    /// As many bytes as they may take.
    pub max_bytes: u64,
    /// Pieces that were asked for and there.
    pub hits: u64,
    /// Pieces that were fetched.
    pub misses: u64,
    /// Bytes that were answered without fetching them.
    pub cached_bytes: u64,
    /// Bytes that were fetched from stores.
    pub fetched_bytes: u64,
    /// Bytes that made room for others.
    pub evicted_bytes: u64,
    /// Pieces that were found damaged, and fetched again.
    pub damaged: u64,
    /// Pieces that could not be written, for example because the disk was full.
    pub unwritten: u64,
}

/// One of several workers.
#[derive(Clone)]
pub struct Seat {
    /// Runs a statement there, or where that one cannot, elsewhere.
    pub executor: Arc<dyn Executor>,
    /// Threads that execute statements.
    pub cores: usize,
}
