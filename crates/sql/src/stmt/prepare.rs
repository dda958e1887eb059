//! `PREPARE name [(type, …)] AS statement`.

use crate::cursor::Cursor;
use crate::lexeme::Lexeme;
use crate::{Statement, StatementKind, parse as statements, query};
use sqlparser::ast::DataType;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// The statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepare {
    /// Under which EXECUTE finds it.
    pub name: String,
    /// Of the parameters, as far as the user gave them.
    pub types: Vec<DataType>,
    /// A query, or something unsupported.
    pub statement: Box<Statement>,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["PREPARE"])?;
    if c.eat(&["TRANSACTION"]) {
        c.string()?;
        return Ok(StatementKind::Unsupported { what: "PREPARE TRANSACTION".to_owned() });
    }
    let name = c.identifier()?;
    let types = match parenthesised(c)? {
        Some(inside) => query::run(c, inside, |p| p.parse_comma_separated(|p| p.parse_data_type()))?,
        None => Vec::new(),
    };
    c.expect(&["AS"])?;
    // The readers of other statements are not even tried, so that PREPARE cannot contain itself without end.
    let known = ["SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE"];
    if !c.at_sign(&Token::LParen) && !known.iter().any(|w| c.at_words(&[w])) {
        return Err(c.expected(&known));
    }
    let statement = Box::new(statements::statement(c.message(), c.rest())?);
    c.skip_rest();
    Ok(StatementKind::Prepare(Prepare { name, types, statement }))
}

/// Reads a list in parentheses, if one comes next, and gives the tokens inside.
pub(crate) fn parenthesised<'a>(c: &mut Cursor<'a>) -> Result<Option<&'a [Lexeme]>> {
    if !c.eat_sign(&Token::LParen) {
        return Ok(None);
    }
    let inside = c.rest();
    let mut depth = 0usize;
    for (i, lexeme) in inside.iter().enumerate() {
        match lexeme.token.token {
            Token::LParen => depth += 1,
            Token::RParen if depth == 0 => {
                if i == 0 {
                    return Err(c.unexpected());
                }
                c.advance_by(i + 1);
                return Ok(inside.get(..i));
            }
            Token::RParen => depth -= 1,
            _ => {}
        }
    }
    c.skip_rest();
    Err(c.unexpected())
}

impl fmt::Display for Prepare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PREPARE {}", quote_identifier(&self.name))?;
        for (i, kind) in self.types.iter().enumerate() {
            write!(f, "{}{kind}", if i == 0 { " (" } else { ", " })?;
        }
        f.write_str(if self.types.is_empty() { " AS " } else { ") AS " })?;
        match &self.statement.kind {
            // What is not understood cannot be written from its parts.
            StatementKind::Unsupported { .. } => f.write_str(&self.statement.text),
            kind => kind.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{error, kind, refused};
    use crate::{Prepare, StatementKind};

    fn prepare(sql: &str) -> Prepare {
        match kind(sql) {
            StatementKind::Prepare(p) => p,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reads_and_writes() {
        let p = prepare("PREPARE P (int, numeric(10, 2), text[]) AS SELECT $1 + 1, 'ö;'");
        assert_eq!((p.name.as_str(), p.types.len()), ("p", 3));
        assert_eq!((p.statement.text.as_str(), p.statement.offset), ("SELECT $1 + 1, 'ö;'", 43));
        let again = prepare(&p.to_string());
        assert_eq!((again.types, again.statement.kind), (p.types, p.statement.kind));
        let delete = prepare("PREPARE p AS DELETE FROM t WHERE a = 1");
        assert_eq!(delete.statement.kind, StatementKind::Unsupported { what: "DELETE".to_owned() });
        assert_eq!(delete.to_string(), "PREPARE p AS DELETE FROM t WHERE a = 1");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("PREPARE", 8),
            ("PREPARE p", 10),
            ("PREPARE p AS", 13),
            ("PREPARE p () AS SELECT 1", 12),
            ("PREPARE p (int AS SELECT 1", 27),
            ("PREPARE p AS PREPARE q AS SELECT 1", 14),
            ("PREPARE p AS SHOW ALL", 14),
            ("PREPARE p AS SELECT 1 FROM", 27),
        ]);
        assert_eq!(error("PREPARE p AS SELCT 1").hint(), Some("Did you mean SELECT?"));
    }
}
