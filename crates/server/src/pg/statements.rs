//! The prepared statements of a session by name, within bounds. Knows no message.

use std::collections::HashMap;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::Prepared;

/// Prepared statements that one session may have.
const MAX_COUNT: usize = 10_000;

/// The unnamed statement and up to [`MAX_COUNT`] named ones.
pub(crate) struct Statements {
    by_name: HashMap<String, Entry>,
    bytes: usize,
    max_bytes: usize,
}

/// A statement and what it was made of.
struct Entry {
    /// `None` is the empty statement.
    prepared: Option<Arc<Prepared>>,
    bytes: usize,
}

impl Statements {
    /// None yet. `max_bytes` bounds the sum of their texts.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Statements { by_name: HashMap::new(), bytes: 0, max_bytes }
    }

    /// Whether one more with this name and a text of so many bytes may be there. A name is not taken twice; the unnamed one is replaced.
    pub(crate) fn check(&self, name: &str, bytes: usize) -> Result<()> {
        if !name.is_empty() && self.by_name.contains_key(name) {
            return Err(Error::new(
                ErrorKind::DuplicateStatement,
                format!("prepared statement \"{name}\" already exists"),
            ));
        }
        if self.by_name.len() >= MAX_COUNT || self.bytes + bytes > self.max_bytes {
            return Err(Error::new(ErrorKind::ProgramLimitExceeded, "too many prepared statements in this session")
                .with_detail(format!(
                    "A session may have {MAX_COUNT} of them, with texts of {} bytes in all.",
                    self.max_bytes
                ))
                .with_hint("Close those that are no longer needed."));
        }
        Ok(())
    }

    /// Keeps the statement.
    pub(crate) fn insert(&mut self, name: String, prepared: Option<Arc<Prepared>>, bytes: usize) {
        self.remove(&name);
        self.bytes += bytes;
        self.by_name.insert(name, Entry { prepared, bytes });
    }

    /// The statement with this name; `Ok(None)` is the empty statement.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Arc<Prepared>>> {
        match self.by_name.get(name) {
            Some(entry) => Ok(entry.prepared.clone()),
            None if name.is_empty() => {
                Err(Error::new(ErrorKind::InvalidStatementName, "unnamed prepared statement does not exist"))
            }
            None => Err(Error::new(
                ErrorKind::InvalidStatementName,
                format!("prepared statement \"{name}\" does not exist"),
            )),
        }
    }

    /// Forgets one; whether it was there.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let removed = self.by_name.remove(name);
        self.bytes -= removed.as_ref().map_or(0, |entry| entry.bytes);
        removed.is_some()
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.by_name.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_bounds() {
        let mut statements = Statements::new(10);
        assert_eq!(statements.get("").map(|_| ()).unwrap_err().kind().sqlstate(), "26000");
        statements.insert("a".to_owned(), None, 6);
        assert_eq!(statements.check("a", 1).unwrap_err().kind().sqlstate(), "42P05");
        assert_eq!(statements.check("b", 5).unwrap_err().kind().sqlstate(), "54000");
        assert!(statements.check("", 4).is_ok());
        statements.remove("a");
        assert!(statements.check("b", 10).is_ok());
    }
}
