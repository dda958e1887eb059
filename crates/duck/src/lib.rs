//! The DuckDB engine: in-memory databases, a bounded number of connections, statements that stream Arrow batches and can be interrupted. The only
//! crate that links DuckDB. It must not know where a statement comes from, nor the query engine that wrote it.

mod budget;
mod cache;
mod config;
mod engine;
mod error;
mod extension;
mod ffi;
mod request;
mod room;
mod rooms;
mod setup;
mod store;
mod task;

pub use cache::CacheConfig;
pub use config::Config;
pub use engine::Engine;
pub use ffi::library_version;
