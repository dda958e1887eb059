//! Sources behind one trait: what they hold, and how a DuckDB worker reads it. This crate must not know DuckDB's library, the query engine, the
//! metastore or any protocol; it reaches a worker only through [`weft_core::worker::Worker`].

pub mod connector;
mod database;
pub mod files;
pub mod kind;
pub mod mysql;
pub mod postgres;

pub use connector::{Connector, Context, Given, NodeCheck, PoolFigures};
pub use files::s3::{MemberFigures, MemberState, StorePool};
pub use kind::{KINDS, Kind, kind};
