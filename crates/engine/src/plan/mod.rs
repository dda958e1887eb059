//! From a query's syntax to batches: bind against the virtual catalogs, give it PostgreSQL's meaning, cut it into one sub-plan per place, run it.
//! The rooms in the order in which a query passes them: `normalise` → `bind` → `semantics` → `federate` (`duckdb`) → `execute`.

pub mod bind;
mod correlated;
mod display;
pub mod duckdb;
pub mod execute;
pub mod explain;
pub mod federate;
pub(crate) mod literal;
mod names;
mod normalise;
pub mod parameters;
mod provider;
pub mod remote;
pub mod semantics;
mod syntax;
mod types;

pub(crate) use names::displayed;
