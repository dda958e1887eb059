//! `DECLARE name [BINARY] [INSENSITIVE] [[NO] SCROLL] CURSOR [WITH|WITHOUT HOLD] FOR query`.

use crate::cursor::Cursor;
use crate::{StatementKind, query};
use sqlparser::ast::Query;
use std::fmt;
use weft_core::name::quote_identifier;
use weft_core::{Error, ErrorKind, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Declare {
    /// Under which FETCH finds it.
    pub name: String,
    /// Whether its rows are sent in binary.
    pub binary: bool,
    /// In which directions it goes.
    pub scroll: Scroll,
    /// Whether it outlives the transaction.
    pub hold: bool,
    /// Its rows.
    pub query: Box<Query>,
}

/// In which directions a cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scroll {
    /// Nobody said: forward.
    Unsaid,
    /// Forward only.
    No,
    /// In both.
    Yes,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["DECLARE"])?;
    let name = c.identifier()?;
    let (mut binary, mut scroll) = (false, Scroll::Unsaid);
    let mut sensitivity = None;
    loop {
        let position = c.position();
        match c.eat_any(&["BINARY", "INSENSITIVE", "ASENSITIVE", "SCROLL", "NO"]) {
            Some("BINARY") => binary = true,
            Some(word @ ("INSENSITIVE" | "ASENSITIVE")) => {
                if sensitivity.replace(word).is_some_and(|said| said != word) {
                    return Err(conflict("INSENSITIVE and ASENSITIVE", position));
                }
            }
            Some(word) => {
                if word == "NO" {
                    c.expect(&["SCROLL"])?;
                }
                let said = if word == "NO" { Scroll::No } else { Scroll::Yes };
                if scroll != Scroll::Unsaid && scroll != said {
                    return Err(conflict("both SCROLL and NO SCROLL", position));
                }
                scroll = said;
            }
            None => break,
        }
    }
    c.expect(&["CURSOR"])?;
    let hold = c.eat(&["WITH", "HOLD"]);
    if !hold {
        c.eat(&["WITHOUT", "HOLD"]);
    }
    c.expect(&["FOR"])?;
    let known = ["SELECT", "WITH", "VALUES", "TABLE"];
    if !c.at_sign(&sqlparser::tokenizer::Token::LParen) && !known.iter().any(|w| c.at_words(&[w])) {
        return Err(c.expected(&known));
    }
    Ok(match query::parse(c)? {
        StatementKind::Query(query) => StatementKind::Declare(Declare { name, binary, scroll, hold, query }),
        StatementKind::Unsupported { what } => {
            StatementKind::Unsupported { what: format!("DECLARE CURSOR for {what}") }
        }
        other => other,
    })
}

fn conflict(what: &str, position: usize) -> Error {
    Error::new(ErrorKind::InvalidCursorDefinition, format!("cannot specify {what}")).at(position)
}

impl fmt::Display for Declare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DECLARE {}", quote_identifier(&self.name))?;
        if self.binary {
            f.write_str(" BINARY")?;
        }
        f.write_str(match self.scroll {
            Scroll::Unsaid => " CURSOR",
            Scroll::No => " NO SCROLL CURSOR",
            Scroll::Yes => " SCROLL CURSOR",
        })?;
        write!(f, "{} FOR {}", if self.hold { " WITH HOLD" } else { "" }, self.query)
    }
}

#[cfg(test)]
mod tests {
    use crate::StatementKind;
    use crate::stmt::check::{error, fixed, kind, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "DECLARE c CURSOR FOR SELECT 1",
            "DECLARE \"C\" BINARY NO SCROLL CURSOR WITH HOLD FOR SELECT $1",
            "DECLARE c SCROLL CURSOR FOR (SELECT 1) UNION SELECT 2",
        ]);
        round_trip(
            "declare C insensitive binary cursor without hold for table t",
            "DECLARE c BINARY CURSOR FOR SELECT * FROM t",
        );
        assert_eq!(
            kind("DECLARE c CURSOR FOR SELECT 1 INTO t"),
            StatementKind::Unsupported { what: "DECLARE CURSOR for SELECT INTO".to_owned() }
        );
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("DECLARE", 8),
            ("DECLARE c", 10),
            ("DECLARE c NO CURSOR FOR SELECT 1", 14),
            ("DECLARE c CURSOR SELECT 1", 18),
            ("DECLARE c CURSOR FOR", 21),
            ("DECLARE c CURSOR FOR SHOW ALL", 22),
            ("DECLARE c CURSOR WITH FOR SELECT 1", 18),
        ]);
        let e = error("DECLARE c SCROLL NO SCROLL CURSOR FOR SELECT 1");
        assert_eq!((e.kind().sqlstate(), e.position()), ("42P11", Some(18)));
        assert_eq!(error("DECLARE c ASENSITIVE INSENSITIVE CURSOR FOR SELECT 1").kind().sqlstate(), "42P11");
    }
}
