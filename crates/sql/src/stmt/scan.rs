//! `SCAN CATALOG c | SCHEMA c.s | TABLE c.s.t [LEVEL 1 | 2] [WITH (…)]`: looks into a source and keeps what is found.

use crate::StatementKind;
use crate::cursor::Cursor;
use crate::options::{self, Pairs};
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::{ObjectName, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// What is scanned.
    pub target: ScanTarget,
    /// How deep, if that was said.
    pub level: Option<u8>,
    /// How to behave.
    pub with: Pairs,
}

/// What is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanTarget {
    /// A source.
    Catalog(String),
    /// A schema: one part, or two with its catalog.
    Schema(ObjectName),
    /// A table: up to three parts.
    Table(ObjectName),
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["SCAN"])?;
    let target = match c.eat_any(&["CATALOG", "SCHEMA", "TABLE"]) {
        Some("CATALOG") => ScanTarget::Catalog(c.identifier()?),
        Some("SCHEMA") => ScanTarget::Schema(c.object_name(2)?),
        Some(_) => ScanTarget::Table(c.object_name(3)?),
        None => return Err(c.expected(&["CATALOG", "SCHEMA", "TABLE"])),
    };
    let level = if c.eat(&["LEVEL"]) { Some(level(c)?) } else { None };
    let with = if c.eat(&["WITH"]) { options::properties(c)? } else { Pairs::new() };
    if !c.rest().is_empty() {
        return Err(c.expected(&["LEVEL", "WITH"]));
    }
    Ok(StatementKind::Scan(Scan { target, level, with }))
}

fn level(c: &mut Cursor<'_>) -> Result<u8> {
    let level = match c.peek() {
        Some(Token::Number(digits, _)) if digits == "1" => 1,
        Some(Token::Number(digits, _)) if digits == "2" => 2,
        _ => return Err(c.unexpected().with_hint("LEVEL is 1 or 2.")),
    };
    c.advance();
    Ok(level)
}

impl fmt::Display for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            ScanTarget::Catalog(name) => write!(f, "SCAN CATALOG {}", weft_core::name::quote_identifier(name))?,
            ScanTarget::Schema(name) => write!(f, "SCAN SCHEMA {name}")?,
            ScanTarget::Table(name) => write!(f, "SCAN TABLE {name}")?,
        }
        if let Some(level) = self.level {
            write!(f, " LEVEL {level}")?;
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
            "SCAN CATALOG c",
            "SCAN CATALOG \"C d\" LEVEL 1",
            "SCAN SCHEMA c.s LEVEL 2",
            "SCAN TABLE c.s.t WITH (timeout = '5s', detached = 'true')",
        ]);
        round_trip("scan catalog C level 2 with (detached)", "SCAN CATALOG c LEVEL 2 WITH (detached = 'true')");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("SCAN", 5),
            ("SCAN c", 6),
            ("SCAN CATALOG", 13),
            ("SCAN CATALOG c LEVEL", 21),
            ("SCAN CATALOG c LEVEL 3", 22),
            ("SCAN CATALOG c LEVL 2", 16),
            ("SCAN SCHEMA a.b.c", 16),
        ]);
        assert_eq!(error("SCAN CATALOG c LEVL 2").hint(), Some("Did you mean LEVEL?"));
        assert_eq!(error("SCAN CATALOG c LEVEL 3").hint(), Some("LEVEL is 1 or 2."));
    }
}
