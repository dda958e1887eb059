//! `ALTER CATALOG c OPTIONS (SET k 'v', DROP k) | SET (k = v) | ENABLE | DISABLE | RENAME TO d`: a source is changed while it is in use.

use crate::StatementKind;
use crate::annotate;
use crate::cursor::Cursor;
use crate::options::{self, Pairs};
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::{quote_identifier, quote_literal};
use weft_core::{Error, ErrorKind, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterCatalog {
    /// The catalog.
    pub name: String,
    /// What becomes of it.
    pub change: CatalogChange,
}

/// What becomes of a catalog.
#[derive(Clone, PartialEq, Eq)]
pub enum CatalogChange {
    /// It connects in another way.
    Options(Vec<OptionChange>),
    /// It behaves in another way.
    Set(Pairs),
    /// It can be used again.
    Enable,
    /// It can no longer be used.
    Disable,
    /// It has another name.
    Rename(String),
}

/// What becomes of one option.
#[derive(Clone, PartialEq, Eq)]
pub enum OptionChange {
    /// It has this value, whatever it had before.
    Set(String, String),
    /// It goes back to its default.
    Drop(String),
}

impl OptionChange {
    /// The option.
    pub fn name(&self) -> &str {
        match self {
            OptionChange::Set(name, _) | OptionChange::Drop(name) => name,
        }
    }
}

/// Values can be passwords.
impl fmt::Debug for CatalogChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CatalogChange::Options(changes) => f.debug_list().entries(changes.iter().map(OptionChange::name)).finish(),
            CatalogChange::Set(_) => f.write_str("Set"),
            CatalogChange::Enable => f.write_str("Enable"),
            CatalogChange::Disable => f.write_str("Disable"),
            CatalogChange::Rename(name) => f.debug_tuple("Rename").field(name).finish(),
        }
    }
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["ALTER", "CATALOG"])?;
    let name = c.identifier()?;
    let known = ["OPTIONS", "SET", "UNSET", "ENABLE", "DISABLE", "RENAME"];
    let change = match c.eat_any(&known) {
        Some(verb @ ("SET" | "UNSET")) if verb == "UNSET" || annotate::is_next(c) => {
            return annotate::change(c, verb, annotate::Target::Catalog(name));
        }
        Some("OPTIONS") => CatalogChange::Options(option_changes(c)?),
        Some("SET") => CatalogChange::Set(options::properties(c)?),
        Some("ENABLE") => CatalogChange::Enable,
        Some("DISABLE") => CatalogChange::Disable,
        Some(_) => {
            c.expect(&["TO"])?;
            CatalogChange::Rename(c.identifier()?)
        }
        None => return Err(c.expected(&known)),
    };
    Ok(StatementKind::AlterCatalog(AlterCatalog { name, change }))
}

/// `(SET k 'v', DROP k, …)`, as in PostgreSQL's ALTER SERVER.
fn option_changes(c: &mut Cursor<'_>) -> Result<Vec<OptionChange>> {
    let mut changes: Vec<OptionChange> = Vec::new();
    c.expect_sign(&Token::LParen)?;
    loop {
        let verb = c.eat_any(&["SET", "DROP"]).ok_or_else(|| c.expected(&["SET", "DROP"]))?;
        let position = c.position();
        let name = c.label()?;
        if changes.iter().any(|change| change.name() == name) {
            let message = format!("option {} provided more than once", quote_identifier(&name));
            return Err(Error::new(ErrorKind::SyntaxError, message).at(position));
        }
        changes.push(if verb == "SET" { OptionChange::Set(name, c.constant()?) } else { OptionChange::Drop(name) });
        if c.eat_sign(&Token::RParen) {
            return Ok(changes);
        }
        c.expect_sign(&Token::Comma)?;
    }
}

impl fmt::Display for AlterCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ALTER CATALOG {}", quote_identifier(&self.name))?;
        match &self.change {
            CatalogChange::Options(changes) => {
                let changes: Vec<_> = changes.iter().map(OptionChange::to_string).collect();
                write!(f, " OPTIONS ({})", changes.join(", "))
            }
            CatalogChange::Set(pairs) => options::write_set(f, pairs),
            CatalogChange::Enable => f.write_str(" ENABLE"),
            CatalogChange::Disable => f.write_str(" DISABLE"),
            CatalogChange::Rename(name) => write!(f, " RENAME TO {}", quote_identifier(name)),
        }
    }
}

impl fmt::Display for OptionChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionChange::Set(name, value) => write!(f, "SET {} {}", quote_identifier(name), quote_literal(value)),
            OptionChange::Drop(name) => write!(f, "DROP {}", quote_identifier(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{error, fixed, kind, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "ALTER CATALOG c OPTIONS (SET host 'h', DROP port, SET \"user\" 'it''s')",
            "ALTER CATALOG \"C d\" SET (max_connections = '8', lazy = 'true')",
            "ALTER CATALOG c SET ()",
            "ALTER CATALOG c ENABLE",
            "ALTER CATALOG c DISABLE",
            "ALTER CATALOG c RENAME TO \"order\"",
        ]);
        round_trip(
            "alter catalog C options (set PORT 5, drop SET)",
            "ALTER CATALOG c OPTIONS (SET port '5', DROP set)",
        );
        round_trip("ALTER CATALOG c SET (x)", "ALTER CATALOG c SET (x = 'true')");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("ALTER CATALOG", 14),
            ("ALTER CATALOG c", 16),
            ("ALTER CATALOG c OPTIONS ()", 26),
            ("ALTER CATALOG c OPTIONS (host 'h')", 26),
            ("ALTER CATALOG c OPTIONS (SET host)", 34),
            ("ALTER CATALOG c OPTIONS (SET a 'x', DROP a)", 42),
            ("ALTER CATALOG c RENAME d", 24),
            ("ALTER CATALOG c ENABLE now", 24),
            ("ALTER CATALOG c DISABEL", 17),
        ]);
        assert_eq!(error("ALTER CATALOG c DISABEL").hint(), Some("Did you mean DISABLE?"));
    }

    #[test]
    fn a_secret_is_neither_in_an_error_nor_in_debug() {
        let e = error("ALTER CATALOG c OPTIONS (SET password 'a' 'geheim')");
        assert_eq!(e.message(), "syntax error at or near \"'***'\"");
        let kind = kind("ALTER CATALOG c OPTIONS (SET password 'geheim')");
        assert!(!format!("{kind:?}").contains("geheim"));
    }
}
