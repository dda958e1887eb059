//! From a query's syntax to batches: bind against the virtual catalogs, give it PostgreSQL's meaning, cut it into one sub-plan per place, run it.
//! The rooms in the order in which a query passes them: `normalise` → `bind` → `semantics` → `federate` (`dialect`) → `execute`.

pub mod assign;
pub mod bind;
mod correlated;
mod dataset;
pub mod dialect;
mod display;
pub mod execute;
pub mod explain;
pub mod federate;
mod first_term;
pub mod footing;
mod giving_way;
pub mod keys;
pub mod lineage;
pub(crate) mod literal;
pub mod local;
mod marks;
mod names;
mod normalise;
pub mod parameters;
pub mod place;
mod placeholders;
mod provider;
pub mod remote;
pub mod semantics;
pub mod shape;
mod simplify;
pub mod spread;
pub mod stores;
mod syntax;
mod table_function;
pub mod template;
mod types;
mod zone;

pub(crate) use names::displayed;
