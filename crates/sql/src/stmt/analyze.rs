//! `ANALYZE c.s.t [(column, …)] [WITH (…)]`: figures of a table's columns, and a sample of its rows. What the options mean is the engine's to check.

use super::preview::columns;
use crate::StatementKind;
use crate::cursor::Cursor;
use crate::options::{self, Pairs};
use std::fmt;
use weft_core::name::quote_identifier;
use weft_core::{ObjectName, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analyze {
    /// The table: up to three parts.
    pub table: ObjectName,
    /// Its columns that are wanted; none means all.
    pub columns: Vec<String>,
    /// How to behave.
    pub with: Pairs,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.eat_any(&["ANALYZE", "ANALYSE"]);
    let table = c.object_name(3)?;
    let columns = columns(c)?;
    let with = if c.eat(&["WITH"]) { options::properties(c)? } else { Pairs::new() };
    if !c.rest().is_empty() {
        return Err(c.expected(&["WITH"]));
    }
    Ok(StatementKind::Analyze(Analyze { table, columns, with }))
}

impl fmt::Display for Analyze {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ANALYZE {}", self.table)?;
        if !self.columns.is_empty() {
            let columns: Vec<_> = self.columns.iter().map(|c| quote_identifier(c)).collect();
            write!(f, " ({})", columns.join(", "))?;
        }
        options::write_properties(f, &self.with)
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{error, fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "ANALYZE t",
            "ANALYZE c.s.t (a, \"B\")",
            "ANALYZE c.\"S\".t WITH (max_rows = '10', timeout = '5s', detached = 'true')",
            "ANALYZE t (a) WITH (max_rows = '10')",
        ]);
        round_trip("analyse C.S.T ( A ) with (detached)", "ANALYZE c.s.t (a) WITH (detached = 'true')");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("ANALYZE", 8),
            ("ANALYZE t ()", 12),
            ("ANALYZE t (a", 13),
            ("ANALYZE t WITH", 15),
            ("ANALYZE t WHIT (a = 1)", 11),
            ("ANALYZE a.b.c.d", 14),
        ]);
        assert_eq!(error("ANALYZE t WITT (a = 1)").hint(), Some("Did you mean WITH?"));
    }
}
