//! `CHECK CATALOG c` and `CHECK CATALOG USING kind [OPTIONS (…)] [WITH (…)]`: whether a source can be reached, before or after it becomes a catalog.

use crate::StatementKind;
use crate::cursor::Cursor;
use crate::options::{self, Pairs};
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// The statement.
#[derive(Clone, PartialEq, Eq)]
pub enum CheckCatalog {
    /// A catalog that there is.
    Existing(String),
    /// A source that would be one.
    Proposed {
        /// The kind of source.
        kind: String,
        /// How to connect.
        options: Pairs,
        /// How to behave.
        with: Pairs,
    },
}

/// Values can be passwords.
impl fmt::Debug for CheckCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckCatalog::Existing(name) => f.debug_tuple("Existing").field(name).finish(),
            CheckCatalog::Proposed { kind, .. } => {
                f.debug_struct("Proposed").field("kind", kind).finish_non_exhaustive()
            }
        }
    }
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["CHECK", "CATALOG"])?;
    if !c.eat(&["USING"]) {
        return Ok(StatementKind::CheckCatalog(CheckCatalog::Existing(c.identifier()?)));
    }
    let kind = c.identifier()?;
    let options = if c.eat(&["OPTIONS"]) { options::options(c)? } else { Pairs::new() };
    let with = if c.eat(&["WITH"]) { options::properties(c)? } else { Pairs::new() };
    if !c.rest().is_empty() {
        return Err(c.expected(&["OPTIONS", "WITH"]));
    }
    Ok(StatementKind::CheckCatalog(CheckCatalog::Proposed { kind, options, with }))
}

impl fmt::Display for CheckCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckCatalog::Existing(name) => write!(f, "CHECK CATALOG {}", quote_identifier(name)),
            CheckCatalog::Proposed { kind, options, with } => {
                write!(f, "CHECK CATALOG USING {}", quote_identifier(kind))?;
                options::write_options(f, options)?;
                options::write_properties(f, with)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "CHECK CATALOG c",
            "CHECK CATALOG USING file",
            "CHECK CATALOG USING file OPTIONS (path '/x') WITH (lazy = 'true')",
        ]);
        refused(&[("CHECK CATALOG", 14), ("CHECK CATALOG c d", 17), ("CHECK CATALOG USING file WTH (a = 1)", 26)]);
    }
}
