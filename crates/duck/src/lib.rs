//! The DuckDB engine: one in-memory database, a bounded number of connections, statements that stream Arrow batches and can be interrupted. The only
//! crate that links DuckDB. It must not know where a statement comes from, nor the query engine that wrote it.

mod config;
mod convert;
mod engine;
mod error;
mod ffi;
mod task;

pub use config::Config;
pub use engine::Engine;
pub use ffi::library_version;
