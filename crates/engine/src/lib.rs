//! The engine: sessions, virtual catalogs, planning, execution, one handler per statement, system tables. Protocol rooms hold a [`Gateway`] and open
//! [`Session`]s on it. It must not know a protocol, nor how a source or DuckDB does its work.

mod analysis;
mod catalog;
mod counts;
mod environment;
mod error;
mod function;
mod gateway;
mod handle;
mod interrupt;
mod jobs;
mod journal;
mod outcome;
mod plan;
mod plans;
mod presence;
mod principals;
mod reference;
mod schedule;
mod session;
mod system;
mod trail;
mod variables;
mod views;

pub use datafusion::common::ScalarValue;
pub use gateway::Gateway;
pub use handle::{Ingest, OnExistingTable, OnMissingTable};
pub use interrupt::Interrupt;
pub use outcome::{
    ByteaOutput, Column, IntervalStyle, Notice, Outcome, Prepared, Rows, TextFormat, TransactionState, field,
};
pub use plan::dialect::duckdb::macros::setup as worker_setup;
pub use presence::Identity;
pub use principals::{invalid_password, verifier};
pub use reference::reference;
pub use session::{Hello, Origin, Session};
pub use system::samples;
pub use trail::called;
