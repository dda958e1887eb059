//! `RESET variable` and `RESET ALL`.

use crate::StatementKind;
use crate::cursor::Cursor;
use crate::stmt::show::{variable, write_variable};
use std::fmt;
use weft_core::Result;

/// What goes back to its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResetTarget {
    /// Every variable.
    All,
    /// The variable of this name: lower case, dotted where the user dotted it.
    Name(String),
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["RESET"])?;
    Ok(StatementKind::Reset(if c.eat(&["ALL"]) { ResetTarget::All } else { ResetTarget::Name(variable(c)?) }))
}

impl fmt::Display for ResetTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResetTarget::All => f.write_str("RESET ALL"),
            ResetTarget::Name(name) => write!(f, "RESET {}", write_variable(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["RESET ALL", "RESET search_path", "RESET a.b"]);
        round_trip("RESET SESSION AUTHORIZATION", "RESET session_authorization");
        refused(&[("RESET", 6), ("RESET a b", 9)]);
    }
}
