//! The trait that every source implements, and what a source is given to work with. It must not know any particular source.

use crate::files::s3::StorePool;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use weft_core::metadata::{ScanLevel, ScanScope, ScanSink};
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

    /// Every table, sorted by schema and name. A table that cannot be described carries its own error; it does not hide the others. As long as it is
    /// answered from memory the answer is the same one.
    async fn tables(&self) -> Result<Arc<Vec<TableEntry>>>;

    /// How the table is read as it is now; `None` if there is no such table.
    async fn relation(&self, schema: &str, table: &str) -> Result<Option<Relation>>;

    /// A query in the source's own words as a table, for `remote_query`. The source runs it in a read-only transaction.
    async fn native(&self, sql: &str) -> Result<Relation> {
        let _ = sql;
        Err(Error::unsupported("remote_query on a source without SQL of its own"))
    }

    /// Tells the sink what the source has in this scope, a portion at a time.
    async fn scan(&self, level: ScanLevel, scope: &ScanScope, sink: &mut dyn ScanSink) -> Result<()>;

    /// The figures of its connections, where it keeps any.
    fn pool(&self) -> Option<PoolFigures> {
        None
    }

    /// The stores that its objects are read from, where there are any.
    fn store_pool(&self) -> Option<&StorePool> {
        None
    }
}

/// The connections of a source as they are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolFigures {
    /// The most that may be open.
    pub max_connections: u64,
    /// Open ones that are kept though idle.
    pub min_connections: u64,
    /// Open now.
    pub open: u64,
    /// Open and not in use.
    pub idle: u64,
    /// Statements that wait for one.
    pub waiting: u64,
    /// How often one was handed out since the source was opened.
    pub acquired: u64,
    /// How often none could be had in time.
    pub timed_out: u64,
}

/// What a source is opened with; checked against the lists of its kind, defaults filled in.
#[derive(Clone)]
pub struct Given {
    /// Its catalog, for errors. Empty while it is only proposed.
    pub catalog: String,
    /// How to connect: `OPTIONS (…)`.
    pub options: BTreeMap<String, String>,
    /// How to behave: `WITH (…)`.
    pub properties: BTreeMap<String, String>,
}

/// Values can be passwords.
impl Drop for Given {
    fn drop(&mut self) {
        weft_core::secret::wipe(&mut self.options);
    }
}

/// Values can be passwords.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("catalog", &self.catalog).finish_non_exhaustive()
    }
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
    /// The setting `store_health_interval`.
    pub store_health_interval: Duration,
    /// The setting `health_timeout`.
    pub health_timeout: Duration,
}
