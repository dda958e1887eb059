//! The portals of a session by name, within bounds: statements with their parameters, ready to run, running, or done. Knows no message.

use super::encode::Format;
use super::rows::Cursor;
use std::collections::HashMap;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::{Prepared, ScalarValue};

/// Portals that one session may have.
const MAX_COUNT: usize = 1_000;

/// The unnamed portal and up to [`MAX_COUNT`] named ones.
pub(crate) struct Portals {
    by_name: HashMap<String, Portal>,
    bytes: usize,
    max_bytes: usize,
}

/// A statement bound to its parameters.
pub(crate) struct Portal {
    /// `None` is the empty statement.
    pub prepared: Option<Arc<Prepared>>,
    /// One entry a column of the result.
    pub formats: Vec<Format>,
    /// How far it is.
    pub progress: Progress,
    /// Bytes of its parameters.
    pub bytes: usize,
}

/// How far a portal is.
pub(crate) enum Progress {
    /// Not begun: the values of the parameters.
    Bound(Vec<ScalarValue>),
    /// Begun; more rows may follow.
    Rows(Box<Cursor>),
    /// All rows have been sent; the command tag.
    Exhausted(&'static str),
    /// It has no rows and has run, or it failed.
    Done,
}

impl Portals {
    /// None yet. `max_bytes` bounds the sum of their parameters.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Portals { by_name: HashMap::new(), bytes: 0, max_bytes }
    }

    /// Whether one more with this name may be there. A name is not taken twice; the unnamed one is replaced.
    pub(crate) fn check(&self, name: &str, bytes: usize) -> Result<()> {
        if !name.is_empty() && self.by_name.contains_key(name) {
            return Err(Error::new(ErrorKind::DuplicateCursor, format!("cursor \"{name}\" already exists")));
        }
        if self.by_name.len() >= MAX_COUNT || self.bytes + bytes > self.max_bytes {
            return Err(Error::new(ErrorKind::ProgramLimitExceeded, "too many portals in this session")
                .with_detail(format!(
                    "A session may have {MAX_COUNT} of them, with parameters of {} bytes in all.",
                    self.max_bytes
                ))
                .with_hint("Close those that are no longer needed."));
        }
        Ok(())
    }

    /// Keeps the portal.
    pub(crate) fn insert(&mut self, name: String, portal: Portal) {
        self.remove(&name);
        self.bytes += portal.bytes;
        self.by_name.insert(name, portal);
    }

    /// The portal with this name.
    pub(crate) fn get(&mut self, name: &str) -> Result<&mut Portal> {
        self.by_name
            .get_mut(name)
            .ok_or_else(|| Error::new(ErrorKind::InvalidCursorName, format!("portal \"{name}\" does not exist")))
    }

    /// Forgets one, if it is there; what it ran stops.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(portal) = self.by_name.remove(name) {
            self.bytes -= portal.bytes;
        }
    }

    /// Forgets all: the transaction has ended.
    pub(crate) fn clear(&mut self) {
        self.by_name.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty(bytes: usize) -> Portal {
        Portal { prepared: None, formats: Vec::new(), progress: Progress::Done, bytes }
    }

    #[test]
    fn names_and_bounds() {
        let mut portals = Portals::new(10);
        assert_eq!(portals.get("x").map(|_| ()).unwrap_err().kind().sqlstate(), "34000");
        portals.insert("a".to_owned(), empty(6));
        assert_eq!(portals.check("a", 0).unwrap_err().kind().sqlstate(), "42P03");
        assert_eq!(portals.check("b", 5).unwrap_err().kind().sqlstate(), "54000");
        portals.clear();
        assert!(portals.check("b", 10).is_ok());
        for i in 0..MAX_COUNT {
            portals.insert(i.to_string(), empty(0));
        }
        assert_eq!(portals.check("b", 0).unwrap_err().kind().sqlstate(), "54000");
    }
}
