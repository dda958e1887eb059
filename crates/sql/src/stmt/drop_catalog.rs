//! `DROP CATALOG [IF EXISTS] c [CASCADE|RESTRICT]`.

use crate::StatementKind;
use crate::cursor::Cursor;
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// What happens if there is no such object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMissing {
    /// An error.
    Fail,
    /// A notice: IF EXISTS.
    Skip,
}

/// What happens to objects that depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behavior {
    /// They forbid it.
    Restrict,
    /// They go with it.
    Cascade,
}

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropCatalog {
    /// Whether IF EXISTS was said.
    pub on_missing: OnMissing,
    /// The catalog.
    pub name: String,
    /// RESTRICT unless said otherwise.
    pub behavior: Behavior,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["DROP", "CATALOG"])?;
    let on_missing = if c.eat(&["IF"]) {
        c.expect(&["EXISTS"])?;
        OnMissing::Skip
    } else {
        OnMissing::Fail
    };
    let name = c.identifier()?;
    let behavior = match c.eat_any(&["CASCADE", "RESTRICT"]) {
        Some("CASCADE") => Behavior::Cascade,
        _ => Behavior::Restrict,
    };
    if !c.rest().is_empty() {
        return Err(c.expected(&["CASCADE", "RESTRICT"]));
    }
    Ok(StatementKind::DropCatalog(DropCatalog { on_missing, name, behavior }))
}

impl fmt::Display for DropCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DROP CATALOG ")?;
        if self.on_missing == OnMissing::Skip {
            f.write_str("IF EXISTS ")?;
        }
        f.write_str(&quote_identifier(&self.name))?;
        if self.behavior == Behavior::Cascade { f.write_str(" CASCADE") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["DROP CATALOG c", "DROP CATALOG IF EXISTS \"order\" CASCADE"]);
        round_trip("drop catalog C restrict", "DROP CATALOG c");
        refused(&[
            ("DROP CATALOG", 13),
            ("DROP CATALOG c, d", 15),
            ("DROP CATALOG IF c", 17),
            ("DROP CATALOG c CASCAD", 16),
        ]);
    }
}
