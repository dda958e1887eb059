//! `DEALLOCATE [PREPARE] name|ALL`.

use crate::StatementKind;
use crate::cursor::Cursor;
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// Which prepared statements the session forgets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deallocate {
    /// Every one.
    All,
    /// The one of this name.
    Name(String),
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["DEALLOCATE"])?;
    c.eat(&["PREPARE"]);
    Ok(StatementKind::Deallocate(if c.eat(&["ALL"]) { Deallocate::All } else { Deallocate::Name(c.identifier()?) }))
}

impl fmt::Display for Deallocate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deallocate::All => f.write_str("DEALLOCATE ALL"),
            // PREPARE is written so that a statement of this very name reads back.
            Deallocate::Name(name) => write!(f, "DEALLOCATE PREPARE {}", quote_identifier(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["DEALLOCATE ALL", "DEALLOCATE PREPARE p", "DEALLOCATE PREPARE \"all\"", "DEALLOCATE PREPARE prepare"]);
        round_trip("deallocate P", "DEALLOCATE PREPARE p");
        refused(&[("DEALLOCATE", 11), ("DEALLOCATE p q", 14)]);
    }
}
