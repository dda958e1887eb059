//! `DROP ROLE | USER [IF EXISTS] r, …`.

use crate::cursor::Cursor;
use crate::stmt::create_role::{list, names};
use crate::{OnMissing, StatementKind};
use std::fmt;
use weft_core::Result;

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropRole {
    /// Whether IF EXISTS was said.
    pub on_missing: OnMissing,
    /// The roles.
    pub names: Vec<String>,
}

/// Whether the statement that comes next is one; a mapping of users is another matter.
pub(crate) fn is_next(c: &Cursor<'_>) -> bool {
    let mapping = c.at_words(&["DROP", "USER", "MAPPING", "FOR"]) || c.at_words(&["DROP", "USER", "MAPPING", "IF"]);
    c.at_words(&["DROP", "ROLE"]) || (c.at_words(&["DROP", "USER"]) && !mapping)
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["DROP"])?;
    c.eat_any(&["ROLE", "USER"]);
    let on_missing = if c.eat(&["IF"]) {
        c.expect(&["EXISTS"])?;
        OnMissing::Skip
    } else {
        OnMissing::Fail
    };
    Ok(StatementKind::DropRole(DropRole { on_missing, names: names(c)? }))
}

impl fmt::Display for DropRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DROP ROLE ")?;
        if self.on_missing == OnMissing::Skip {
            f.write_str("IF EXISTS ")?;
        }
        f.write_str(&list(&self.names))
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["DROP ROLE r", "DROP ROLE IF EXISTS r, \"S\""]);
        round_trip("drop user A, b", "DROP ROLE a, b");
        refused(&[("DROP ROLE", 10), ("DROP ROLE IF r", 14), ("DROP ROLE a,", 13), ("DROP ROLE a CASCADE", 13)]);
    }
}
