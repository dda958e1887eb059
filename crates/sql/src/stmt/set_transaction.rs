//! `SET TRANSACTION modes` and `SET SESSION CHARACTERISTICS AS TRANSACTION modes`.

use crate::StatementKind;
use crate::cursor::Cursor;
use crate::stmt::begin::{self, TransactionMode};
use std::fmt;
use weft_core::Result;

/// Which transactions it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionScope {
    /// The open one.
    Current,
    /// Those that this session will open.
    Session,
}

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetTransaction {
    /// Which transactions.
    pub scope: TransactionScope,
    /// At least one.
    pub modes: Vec<TransactionMode>,
}

/// After SET.
pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    let scope = if c.eat(&["SESSION", "CHARACTERISTICS"]) {
        c.expect(&["AS"])?;
        TransactionScope::Session
    } else {
        TransactionScope::Current
    };
    c.expect(&["TRANSACTION"])?;
    if scope == TransactionScope::Current && c.eat(&["SNAPSHOT"]) {
        c.string()?;
        return Ok(StatementKind::Unsupported { what: "SET TRANSACTION SNAPSHOT".to_owned() });
    }
    let modes = begin::modes(c)?;
    if modes.is_empty() {
        return Err(c.expected(begin::MODE_WORDS));
    }
    Ok(StatementKind::SetTransaction(SetTransaction { scope, modes }))
}

impl fmt::Display for SetTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.scope {
            TransactionScope::Current => "SET TRANSACTION",
            TransactionScope::Session => "SET SESSION CHARACTERISTICS AS TRANSACTION",
        })?;
        begin::write_modes(f, &self.modes)
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "SET TRANSACTION READ ONLY",
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE",
        ]);
        refused(&[
            ("SET TRANSACTION", 16),
            ("SET TRANSACTION READ", 21),
            ("SET SESSION CHARACTERISTICS TRANSACTION READ ONLY", 29),
        ]);
    }
}
