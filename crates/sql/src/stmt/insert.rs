//! `INSERT INTO t [(column, …)] query`, where the query is mostly VALUES, and `INSERT INTO t DEFAULT VALUES`. Which columns there are is not known here.

use crate::cursor::Cursor;
use crate::lexeme::Lexeme;
use crate::stmt::copy_options;
use crate::stmt::view::query_is_next;
use crate::{StatementKind, query};
use sqlparser::ast::Query;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::{ObjectName, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// The table.
    pub name: ObjectName,
    /// The columns that get values; all of them if there are none.
    pub columns: Vec<String>,
    /// The rows; one of nulls if there is none: DEFAULT VALUES.
    pub query: Option<Box<Query>>,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["INSERT", "INTO"])?;
    let name = c.object_name(3)?;
    if c.eat(&["AS"]) {
        c.identifier()?;
    }
    let lists_columns = c.at_sign(&Token::LParen) && !begins_query(c.rest());
    let columns = if lists_columns { copy_options::columns(c)? } else { Vec::new() };
    let extra = [(&["RETURNING"][..], "RETURNING"), (&["ON", "CONFLICT"][..], "ON CONFLICT")]
        .into_iter()
        .find(|(words, _)| stands_outside(c.rest(), words));
    if let Some((_, what)) = extra.or_else(|| c.at_words(&["OVERRIDING"]).then_some((&[][..], "OVERRIDING"))) {
        c.skip_rest();
        return Ok(StatementKind::Unsupported { what: format!("INSERT with {what}") });
    }
    if c.eat(&["DEFAULT", "VALUES"]) {
        return Ok(StatementKind::Insert(Box::new(Insert { name, columns, query: None })));
    }
    if !query_is_next(c) {
        return Err(c.expected(&["VALUES", "SELECT", "DEFAULT", "WITH", "TABLE"]));
    }
    Ok(match query::parse(c)? {
        StatementKind::Query(query) => StatementKind::Insert(Box::new(Insert { name, columns, query: Some(query) })),
        other => other,
    })
}

/// Whether a query in parentheses comes next, not a list of columns.
fn begins_query(rest: &[Lexeme]) -> bool {
    let inside = rest.iter().find(|lexeme| lexeme.token.token != Token::LParen);
    inside.is_some_and(|lexeme| ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|word| lexeme.is_word(word)))
}

/// Whether these words stand outside of all parentheses.
fn stands_outside(rest: &[Lexeme], words: &[&str]) -> bool {
    let mut depth = 0i64;
    (0..rest.len()).any(|i| {
        match rest[i].token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        depth == 0 && words.iter().enumerate().all(|(j, word)| rest.get(i + j).is_some_and(|l| l.is_word(word)))
    })
}

impl fmt::Display for Insert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "INSERT INTO {}", self.name)?;
        copy_options::write_columns(f, &self.columns)?;
        match &self.query {
            Some(query) => write!(f, " {query}"),
            None => f.write_str(" DEFAULT VALUES"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::StatementKind;
    use crate::stmt::check::{fixed, kind, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "INSERT INTO t VALUES (1, 'a'), ($1, DEFAULT)",
            "INSERT INTO lake.public.t (a, \"B\") SELECT 1, 2 FROM u",
            "INSERT INTO t DEFAULT VALUES",
            "INSERT INTO t (SELECT 1)",
        ]);
        round_trip(
            "insert into t as u (a) with x as (select 1) table x",
            "INSERT INTO t (a) WITH x AS (SELECT 1) SELECT * FROM x",
        );
    }

    #[test]
    fn what_is_not_there_yet_is_named() {
        for (sql, what) in [
            ("INSERT INTO t VALUES (1) RETURNING a", "INSERT with RETURNING"),
            ("INSERT INTO t SELECT 1 ON CONFLICT DO NOTHING", "INSERT with ON CONFLICT"),
            ("INSERT INTO t (a) OVERRIDING USER VALUE VALUES (1)", "INSERT with OVERRIDING"),
        ] {
            assert_eq!(kind(sql), StatementKind::Unsupported { what: what.to_owned() }, "{sql}");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("INSERT", 7),
            ("INSERT INTO", 12),
            ("INSERT INTO t", 14),
            ("INSERT INTO t (a", 17),
            ("INSERT INTO t (a) SET", 19),
            ("INSERT INTO t VALUES (1", 24),
        ]);
    }
}
