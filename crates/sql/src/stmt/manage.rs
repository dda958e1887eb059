//! `MANAGE TABLE c.s.t, …`, `MANAGE SCHEMA c.s [LIMIT TO (t, …) | EXCEPT (t, …)]`, `MANAGE CATALOG c` and `UNMANAGE` of each: which tables of a source
//! can be queried. Whether they are there is the engine's to check.

use crate::StatementKind;
use crate::cursor::Cursor;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::quote_identifier;
use weft_core::{ObjectName, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manage {
    /// What becomes of them.
    pub wish: Wish,
    /// Which.
    pub scope: ManageScope,
}

/// What becomes of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// They can be queried.
    Manage,
    /// They cannot any more.
    Unmanage,
}

/// Which tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManageScope {
    /// These.
    Tables(Vec<ObjectName>),
    /// Those of a schema.
    Schema(ObjectName, Choice),
    /// Those of a catalog.
    Catalog(String),
}

/// Which tables of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// All.
    All,
    /// Only these.
    LimitTo(Vec<String>),
    /// All but these.
    Except(Vec<String>),
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    let wish = match c.eat_any(&["MANAGE", "UNMANAGE"]) {
        Some("UNMANAGE") => Wish::Unmanage,
        _ => Wish::Manage,
    };
    let known = ["TABLE", "SCHEMA", "CATALOG"];
    let scope = match c.eat_any(&known) {
        Some("TABLE") => {
            let mut tables = vec![c.object_name(3)?];
            while c.eat_sign(&Token::Comma) {
                tables.push(c.object_name(3)?);
            }
            ManageScope::Tables(tables)
        }
        Some("SCHEMA") => {
            let schema = c.object_name(2)?;
            let choice = if c.eat(&["LIMIT", "TO"]) {
                Choice::LimitTo(names(c)?)
            } else if c.eat(&["EXCEPT"]) {
                Choice::Except(names(c)?)
            } else {
                Choice::All
            };
            if !c.rest().is_empty() {
                return Err(c.expected(&["LIMIT", "EXCEPT"]));
            }
            ManageScope::Schema(schema, choice)
        }
        Some(_) => ManageScope::Catalog(c.identifier()?),
        None => return Err(c.expected(&known)),
    };
    Ok(StatementKind::Manage(Manage { wish, scope }))
}

fn names(c: &mut Cursor<'_>) -> Result<Vec<String>> {
    c.expect_sign(&Token::LParen)?;
    let mut names = vec![c.label()?];
    while c.eat_sign(&Token::Comma) {
        names.push(c.label()?);
    }
    c.expect_sign(&Token::RParen)?;
    Ok(names)
}

impl fmt::Display for Manage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.wish {
            Wish::Manage => "MANAGE ",
            Wish::Unmanage => "UNMANAGE ",
        })?;
        let list = |names: &[String]| names.iter().map(|n| quote_identifier(n)).collect::<Vec<_>>().join(", ");
        match &self.scope {
            ManageScope::Tables(tables) => {
                write!(f, "TABLE {}", tables.iter().map(ObjectName::to_string).collect::<Vec<_>>().join(", "))
            }
            ManageScope::Schema(schema, Choice::All) => write!(f, "SCHEMA {schema}"),
            ManageScope::Schema(schema, Choice::LimitTo(tables)) => {
                write!(f, "SCHEMA {schema} LIMIT TO ({})", list(tables))
            }
            ManageScope::Schema(schema, Choice::Except(tables)) => {
                write!(f, "SCHEMA {schema} EXCEPT ({})", list(tables))
            }
            ManageScope::Catalog(name) => write!(f, "CATALOG {}", quote_identifier(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "MANAGE TABLE c.s.t, c.s.\"U\"",
            "MANAGE SCHEMA c.s",
            "MANAGE SCHEMA c.s LIMIT TO (a, b)",
            "MANAGE SCHEMA c.s EXCEPT (a)",
            "UNMANAGE CATALOG c",
        ]);
        round_trip("unmanage table T", "UNMANAGE TABLE t");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("MANAGE", 7),
            ("MANAGE t", 8),
            ("MANAGE TABLE", 13),
            ("MANAGE SCHEMA c.s LIMIT (a)", 19),
            ("MANAGE SCHEMA c.s EXCEPT ()", 27),
            ("MANAGE CATALOG c, d", 17),
        ]);
    }
}
