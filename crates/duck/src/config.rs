//! What an engine may use: cores, memory, disk, folders.

use crate::cache::CacheConfig;
use std::path::PathBuf;

/// Limits of one engine.
#[derive(Debug, Clone)]
pub struct Config {
    /// The worker's name.
    pub id: String,
    /// Threads that execute statements; 0 takes one a core.
    pub threads: usize,
    /// Bytes of memory before DuckDB spills.
    pub memory_bytes: u64,
    /// Folder that DuckDB spills to. It is created when needed.
    pub spill_dir: PathBuf,
    /// Bytes that may be spilled.
    pub spill_bytes: u64,
    /// Statements at once; more wait.
    pub max_statements: usize,
    /// Databases at once; they share memory and disk. Statements that need another one wait.
    pub max_databases: usize,
    /// The only folders that statements may read. DuckDB itself refuses every other path.
    pub readable: Vec<PathBuf>,
    /// Folder of DuckDB's extensions; if not given, they are looked for beside DuckDB's library and the program.
    pub extensions: Option<PathBuf>,
    /// What is kept of objects; if nothing is, DuckDB reads the stores itself.
    pub cache: Option<CacheConfig>,
    /// Statements run once on a new database: the macros that the planner's SQL calls.
    pub setup: Vec<String>,
}
