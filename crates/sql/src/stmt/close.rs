//! `CLOSE cursor|ALL`.

use crate::StatementKind;
use crate::cursor::Cursor;
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// Which cursors end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Close {
    /// Every one.
    All,
    /// The one of this name.
    Name(String),
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["CLOSE"])?;
    Ok(StatementKind::Close(if c.eat(&["ALL"]) { Close::All } else { Close::Name(c.identifier()?) }))
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Close::All => f.write_str("CLOSE ALL"),
            Close::Name(name) => write!(f, "CLOSE {}", quote_identifier(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["CLOSE ALL", "CLOSE c", "CLOSE \"all\""]);
        round_trip("close C", "CLOSE c");
        refused(&[("CLOSE", 6), ("CLOSE c d", 9)]);
    }
}
