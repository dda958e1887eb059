//! Who there is: the one thing that choosing a worker asks of a registry.

use crate::record::Record;
use std::sync::Arc;

/// Tells the workers that are known.
pub trait Roster: Send + Sync {
    /// All of them, from memory: the call is as cheap as reading a variable.
    fn workers(&self) -> Arc<[Record]>;
}
