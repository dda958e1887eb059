//! Workers on other machines: who they are, by a registry in Redis, and how a statement reaches one of them. It must not know what a catalog is, nor
//! how DuckDB works.

mod choice;
mod client;
mod crew;
mod failure;
mod fleet;
mod key;
mod order;
pub mod record;
pub mod registry;
mod roster;
mod run;
mod service;
mod standing;
mod tasks;
mod ticket;
mod told;

pub use crew::Policy;
pub use fleet::{Fleet, Known};
pub use key::Key;
pub use record::{Record, State};
pub use registry::{Member, Registry, Wanted};
pub use roster::Roster;
pub use service::{Load, Service};
pub use tasks::Task;
