//! The prepared statements of a session by handle, with what was bound to them, within bounds. It must not know how a statement is run.

use super::statement::Planned;
use super::tickets::{Id, new_id};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::{Prepared, ScalarValue};

/// Prepared statements that one session may have.
const MAX_COUNT: usize = 1_000;

/// See above.
pub(crate) struct Handles {
    by_id: Mutex<HashMap<Id, Handle>>,
    max_bytes: usize,
}

struct Handle {
    prepared: Arc<Prepared>,
    bound: Bound,
}

/// Values of parameters, a set for each time that the statement is to be run.
#[derive(Clone, Default)]
pub(crate) struct Bound {
    /// In the order of the parameters.
    pub(crate) sets: Vec<Vec<ScalarValue>>,
    /// Their size.
    pub(crate) bytes: usize,
}

impl Handles {
    /// None yet. `max_bytes` bounds the sum of their texts and parameters.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Handles { by_id: Mutex::default(), max_bytes }
    }

    /// Keeps the statement.
    pub(crate) fn put(&self, prepared: Arc<Prepared>) -> Result<Id> {
        let mut by_id = self.by_id.lock();
        self.check(&by_id, prepared.statement.text.len(), 1)?;
        let id = new_id();
        by_id.insert(id, Handle { prepared, bound: Bound::default() });
        Ok(id)
    }

    /// The statement.
    pub(crate) fn get(&self, id: &[u8]) -> Result<Arc<Prepared>> {
        self.by_id.lock().get(id).map(|handle| handle.prepared.clone()).ok_or_else(unknown)
    }

    /// The statement with what was bound to it.
    pub(crate) fn planned(&self, id: &[u8]) -> Result<Planned> {
        let by_id = self.by_id.lock();
        let handle = by_id.get(id).ok_or_else(unknown)?;
        Ok(Planned::new(handle.prepared.clone(), handle.bound.clone()))
    }

    /// Binds these values in place of those before.
    pub(crate) fn bind(&self, id: &[u8], bound: Bound) -> Result<()> {
        let mut by_id = self.by_id.lock();
        self.check(&by_id, bound.bytes, 0)?;
        by_id.get_mut(id).ok_or_else(unknown)?.bound = bound;
        Ok(())
    }

    /// Forgets the statement, if it is there.
    pub(crate) fn close(&self, id: &[u8]) {
        self.by_id.lock().remove(id);
    }

    fn check(&self, by_id: &HashMap<Id, Handle>, bytes: usize, more: usize) -> Result<()> {
        let size = |handle: &Handle| handle.prepared.statement.text.len() + handle.bound.bytes;
        let taken: usize = by_id.values().map(size).sum();
        if by_id.len() + more <= MAX_COUNT && taken + bytes <= self.max_bytes {
            return Ok(());
        }
        Err(Error::new(ErrorKind::ProgramLimitExceeded, "too many prepared statements in this session")
            .with_detail(format!(
                "A session may have {MAX_COUNT} of them, with texts and parameters of {} bytes in all.",
                self.max_bytes
            ))
            .with_hint("Close those that are no longer needed."))
    }
}

fn unknown() -> Error {
    Error::new(ErrorKind::InvalidStatementName, "the prepared statement is not known")
        .with_detail("It was closed, or is another session's.")
}
