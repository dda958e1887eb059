//! The trait that every source implements, and what a source is given to work with. It must not know any particular source.

use async_trait::async_trait;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use weft_core::relation::{Relation, TableEntry};
use weft_core::worker::Worker;
use weft_core::{Error, Result};

/// What one node of a source said to CHECK CATALOG.
#[derive(Debug, Clone)]
pub struct NodeCheck {
    /// Its address: `host:port`, or a folder.
    pub node: String,
    /// Time to its answer, or until it failed.
    pub latency: Duration,
    /// The version that the server told, where there is a server.
    pub version: Option<String>,
    /// Why it cannot be used.
    pub error: Option<Error>,
}

/// An open source. Cheap to keep; it looks at the source when it is asked, never before.
#[async_trait]
pub trait Connector: Send + Sync + Debug {
    /// Tables whose catalogs give the same text may be joined in one statement of the place that it names.
    fn compute_context(&self) -> String;

    /// Tries every node: one row each, failures included.
    async fn check(&self) -> Vec<NodeCheck>;

    /// The schemas, sorted.
    async fn schemas(&self) -> Result<Vec<String>>;

    /// Every table, sorted by schema and name. A table that cannot be described carries its own error; it does not hide the others.
    async fn tables(&self) -> Result<Vec<TableEntry>>;

    /// How the table is read as it is now; `None` if there is no such table.
    async fn relation(&self, schema: &str, table: &str) -> Result<Option<Relation>>;
}

/// What the program gives to its sources.
#[derive(Clone)]
pub struct Context {
    /// Describes files.
    pub worker: Arc<dyn Worker>,
    /// The setting `file_roots`.
    pub file_roots: Vec<PathBuf>,
    /// The setting `max_files_per_table`.
    pub max_files_per_table: usize,
    /// The setting `metadata_ttl`.
    pub metadata_ttl: Duration,
}
