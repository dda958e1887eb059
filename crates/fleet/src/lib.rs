//! Workers on other machines: who they are, by a registry in Redis, and how a statement reaches one of them. It must not know what a catalog is, nor
//! how DuckDB works.

pub mod record;
pub mod registry;

pub use record::{Record, State};
pub use registry::{Member, Registry, Wanted};
