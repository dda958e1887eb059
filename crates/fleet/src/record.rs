//! What a worker says of itself. Plain data: it must not know where it is kept.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use weft_core::worker::CacheFigures;

/// The version of what gateways and workers say to each other. One that says otherwise is not spoken to.
pub const PROTOCOL: u32 = 1;

/// Whether a worker takes statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It does.
    Active,
    /// It finishes those that it has and takes no other.
    Draining,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Active => "active",
            State::Draining => "draining",
        })
    }
}

/// A worker, as it registered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its name among the workers; what it is called again after a restart.
    pub id: String,
    /// A number that differs between two lives of the same worker.
    pub incarnation: u64,
    /// Where it takes statements: `host:port`.
    pub address: String,
    /// Threads that execute statements.
    pub cores: usize,
    /// Bytes of memory before it spills.
    pub memory_bytes: u64,
    /// Weft's version.
    pub version: String,
    /// [`PROTOCOL`] of its program.
    pub protocol: u32,
    /// DuckDB's version, such as `v1.5.5`.
    pub duckdb_version: String,
    /// A digest of what its DuckDB is set up with, which must be what the gateway writes statements for.
    pub setup: String,
    /// Folders whose files it sees under the same paths as the gateways do.
    pub file_roots: Vec<String>,
    /// Whether it takes statements.
    pub state: State,
    /// Statements that it runs.
    pub running: u64,
    /// What it keeps of objects, if anything.
    #[serde(default)]
    pub cache: Option<CacheFigures>,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it gave its last sign of life.
    pub heartbeat_at: DateTime<Utc>,
}
