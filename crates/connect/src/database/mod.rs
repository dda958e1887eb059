//! What every database behind a server of its own has in common: how many connections, how long an answer of its catalogs is good for, how it is
//! called in errors. It must not know any driver.

mod cache;
mod place;
mod pool;
mod properties;

pub(crate) use cache::Cache;
pub(crate) use place::Place;
pub(crate) use pool::{Lease, Manager, Origin, Pool};
pub(crate) use properties::{Limits, PROPERTIES};
