//! `DISCARD ALL|PLANS|SEQUENCES|TEMP`.

use crate::StatementKind;
use crate::cursor::Cursor;
use std::fmt;
use weft_core::Result;

/// What the session forgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discard {
    /// Everything: as if it had just begun.
    All,
    /// Cached plans.
    Plans,
    /// The state of sequences.
    Sequences,
    /// Temporary tables.
    Temp,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    const WORDS: &[&str] = &["ALL", "PLANS", "SEQUENCES", "TEMP", "TEMPORARY"];
    c.expect(&["DISCARD"])?;
    Ok(StatementKind::Discard(match c.eat_any(WORDS) {
        Some("ALL") => Discard::All,
        Some("PLANS") => Discard::Plans,
        Some("SEQUENCES") => Discard::Sequences,
        Some(_) => Discard::Temp,
        None => return Err(c.expected(WORDS)),
    }))
}

impl fmt::Display for Discard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Discard::All => "DISCARD ALL",
            Discard::Plans => "DISCARD PLANS",
            Discard::Sequences => "DISCARD SEQUENCES",
            Discard::Temp => "DISCARD TEMP",
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["DISCARD ALL", "DISCARD PLANS", "DISCARD SEQUENCES", "DISCARD TEMP"]);
        round_trip("discard temporary", "DISCARD TEMP");
        refused(&[("DISCARD", 8), ("DISCARD x", 9), ("DISCARD ALL x", 13)]);
    }
}
