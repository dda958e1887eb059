//! `CREATE TABLE [IF NOT EXISTS] t (column type [NOT NULL], …)` and `CREATE TABLE [IF NOT EXISTS] t [(column, …)] AS query [WITH [NO] DATA]`. Which types
//! can be kept is the engine's to know; what else PostgreSQL lets a table have is named as unsupported.

use crate::cursor::Cursor;
use crate::stmt::view::query_is_next;
use crate::{OnDuplicate, StatementKind, query};
use sqlparser::ast::{DataType, Query};
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::quote_identifier;
use weft_core::{ObjectName, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    /// Its name.
    pub name: ObjectName,
    /// Whether IF NOT EXISTS was said.
    pub on_duplicate: OnDuplicate,
    /// Its columns, or where they come from.
    pub content: TableContent,
}

/// What a new table is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum TableContent {
    /// Columns, and no rows.
    Columns(Vec<ColumnDefinition>),
    /// Those of a query.
    Query {
        /// Names of its first columns; those of the query if there are none.
        columns: Vec<String>,
        /// The query.
        query: Box<Query>,
        /// The text of that query.
        text: String,
        /// Whether its rows are taken too.
        rows: Rows,
    },
}

/// Whether a table begins with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// With those of its query.
    Taken,
    /// Without: WITH NO DATA.
    Left,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDefinition {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// Whether it may be null.
    pub nulls: Nulls,
}

/// Whether a column may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// It may.
    Allowed,
    /// NOT NULL.
    Refused,
}

/// Words that begin what is said of a whole table, where a column's name could stand.
const OF_TABLES: &[&str] = &["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE", "LIKE"];

/// Words that end a column's type.
const OF_COLUMNS: &[&str] =
    &["NOT", "NULL", "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "DEFAULT", "REFERENCES", "GENERATED", "COLLATE"];

/// What may follow the list of columns in PostgreSQL.
const AFTER: &[&str] = &["WITH", "WITHOUT", "INHERITS", "PARTITION", "USING", "ON", "TABLESPACE"];

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["CREATE", "TABLE"])?;
    let on_duplicate = if c.eat(&["IF"]) {
        c.expect(&["NOT", "EXISTS"])?;
        OnDuplicate::Skip
    } else {
        OnDuplicate::Fail
    };
    let name = c.object_name(3)?;
    if c.at_words(&["OF"]) || c.at_words(&["PARTITION", "OF"]) {
        return unsupported(c, "OF");
    }
    let mut names = Vec::new();
    if c.eat_sign(&Token::LParen) {
        match list(c)? {
            List::Columns(columns) => {
                if let Some(word) = c.eat_any(AFTER) {
                    return unsupported(c, word);
                }
                let content = TableContent::Columns(columns);
                return Ok(StatementKind::CreateTable(Box::new(CreateTable { name, on_duplicate, content })));
            }
            List::Names(list) => names = list,
            List::Unsupported(what) => return unsupported(c, what),
        }
    }
    if let Some(word) = c.eat_any(AFTER) {
        return unsupported(c, word);
    }
    c.expect(&["AS"])?;
    if !query_is_next(c) {
        return Err(c.expected(&["SELECT", "WITH", "VALUES", "TABLE"]));
    }
    let (body, rows) = without_data(c);
    let mut inside = Cursor::new(c.message(), body);
    let text = inside.rest_text().to_owned();
    let parsed = query::parse(&mut inside)?;
    c.skip_rest();
    Ok(match parsed {
        StatementKind::Query(query) => {
            let content = TableContent::Query { columns: names, query, text, rows };
            StatementKind::CreateTable(Box::new(CreateTable { name, on_duplicate, content }))
        }
        other => other,
    })
}

/// What stands in the parentheses.
enum List {
    Columns(Vec<ColumnDefinition>),
    Names(Vec<String>),
    Unsupported(&'static str),
}

fn list(c: &mut Cursor<'_>) -> Result<List> {
    let (mut columns, mut names) = (Vec::new(), Vec::new());
    loop {
        if let Some(word) = c.eat_any(OF_TABLES) {
            return Ok(List::Unsupported(word));
        }
        let name = c.identifier()?;
        if columns.is_empty() && (c.at_sign(&Token::Comma) || c.at_sign(&Token::RParen)) {
            names.push(name);
        } else if names.is_empty() {
            let data_type = data_type(c)?;
            let mut nulls = Nulls::Allowed;
            loop {
                if c.eat(&["NOT", "NULL"]) {
                    nulls = Nulls::Refused;
                } else if !c.eat(&["NULL"]) {
                    break;
                }
            }
            if let Some(word) = c.eat_any(OF_COLUMNS) {
                return Ok(List::Unsupported(word));
            }
            columns.push(ColumnDefinition { name, data_type, nulls });
        } else {
            return Err(c.unexpected());
        }
        if c.eat_sign(&Token::RParen) {
            return Ok(if names.is_empty() { List::Columns(columns) } else { List::Names(names) });
        }
        c.expect_sign(&Token::Comma)?;
    }
}

/// Reads a type: what stands before the next comma, parenthesis or word that says more of the column.
fn data_type(c: &mut Cursor<'_>) -> Result<DataType> {
    let mut depth = 0usize;
    let ends = |(i, lexeme): (usize, &crate::lexeme::Lexeme)| {
        match lexeme.token.token {
            Token::LParen => depth += 1,
            Token::RParen if depth == 0 => return true,
            Token::RParen => depth -= 1,
            Token::Comma if depth == 0 => return true,
            _ => {}
        }
        i > 0 && OF_COLUMNS.iter().any(|word| lexeme.is_word(word))
    };
    let length = c.rest().iter().enumerate().position(ends).unwrap_or(c.rest().len());
    let words = c.rest().get(..length).unwrap_or_default();
    if words.is_empty() {
        return Err(c.unexpected());
    }
    let data_type = query::run(c, words, |p| p.parse_data_type())?;
    c.advance_by(length);
    Ok(data_type)
}

/// The tokens of the query, without the words after it.
fn without_data<'a>(c: &Cursor<'a>) -> (&'a [crate::lexeme::Lexeme], Rows) {
    let rest = c.rest();
    for (words, rows) in [(&["WITH", "NO", "DATA"][..], Rows::Left), (&["WITH", "DATA"][..], Rows::Taken)] {
        let Some(start) = rest.len().checked_sub(words.len()) else { continue };
        let (body, tail) = rest.split_at(start);
        if tail.iter().zip(words).all(|(lexeme, word)| lexeme.is_word(word)) {
            return (body, rows);
        }
    }
    (rest, Rows::Taken)
}

fn unsupported(c: &mut Cursor<'_>, word: &str) -> Result<StatementKind> {
    c.skip_rest();
    Ok(StatementKind::Unsupported { what: format!("CREATE TABLE with {word}") })
}

impl fmt::Display for CreateTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE TABLE ")?;
        if self.on_duplicate == OnDuplicate::Skip {
            f.write_str("IF NOT EXISTS ")?;
        }
        write!(f, "{}", self.name)?;
        match &self.content {
            TableContent::Columns(columns) => {
                for (i, column) in columns.iter().enumerate() {
                    let before = if i == 0 { " (" } else { ", " };
                    write!(f, "{before}{} {}", quote_identifier(&column.name), column.data_type)?;
                    if column.nulls == Nulls::Refused {
                        f.write_str(" NOT NULL")?;
                    }
                }
                f.write_str(if columns.is_empty() { " ()" } else { ")" })
            }
            TableContent::Query { columns, text, rows, .. } => {
                if !columns.is_empty() {
                    let names: Vec<_> = columns.iter().map(|name| quote_identifier(name)).collect();
                    write!(f, " ({})", names.join(", "))?;
                }
                write!(f, " AS {text}")?;
                if *rows == Rows::Left { f.write_str(" WITH NO DATA") } else { Ok(()) }
            }
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
            "CREATE TABLE t (a INTEGER)",
            "CREATE TABLE IF NOT EXISTS lake.public.t (\"order\" NUMERIC(10,2) NOT NULL, b TIMESTAMP WITH TIME ZONE, c TEXT[])",
            "CREATE TABLE t AS SELECT 1",
            "CREATE TABLE t (a, b) AS VALUES (1, 2) WITH NO DATA",
        ]);
        round_trip(
            "create table t (a double precision null, b varchar(10) not null)",
            "CREATE TABLE t (a DOUBLE PRECISION, b VARCHAR(10) NOT NULL)",
        );
        round_trip("create table t as table u with data", "CREATE TABLE t AS table u");
    }

    #[test]
    fn what_a_table_cannot_have_is_named() {
        for (sql, what) in [
            ("CREATE TABLE t (a int PRIMARY KEY)", "CREATE TABLE with PRIMARY"),
            ("CREATE TABLE t (a int DEFAULT 1, b int)", "CREATE TABLE with DEFAULT"),
            ("CREATE TABLE t (a int, UNIQUE (a))", "CREATE TABLE with UNIQUE"),
            ("CREATE TABLE t (a int) WITH (buffer_size = 1)", "CREATE TABLE with WITH"),
            ("CREATE TABLE t OF u", "CREATE TABLE with OF"),
            ("CREATE TEMP TABLE t (a int)", "CREATE TABLE"),
        ] {
            assert_eq!(kind(sql), StatementKind::Unsupported { what: what.to_owned() }, "{sql}");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("CREATE TABLE", 13),
            ("CREATE TABLE t", 15),
            ("CREATE TABLE t (", 17),
            ("CREATE TABLE t (a int", 22),
            ("CREATE TABLE t (a, b int)", 22),
            ("CREATE TABLE t (a) ", 19),
            ("CREATE TABLE t AS DELETE", 19),
        ]);
    }
}
