//! `CREATE [OR REPLACE] VIEW v [(column, …)] AS query`, `ALTER VIEW v ALTER COLUMN c SET (role = 'measure', …)`, `ALTER VIEW v RENAME TO w`,
//! `DROP VIEW|TABLE [IF EXISTS] v, … [CASCADE]`: queries that are kept under a name. Whether the query can be answered is the engine's to check.

use crate::cursor::Cursor;
use crate::options::{self, Pairs};
use crate::{Behavior, OnMissing, StatementKind, annotate, query};
use sqlparser::ast::Query;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::quote_identifier;
use weft_core::{ObjectName, Result};

/// What happens if there is such a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExisting {
    /// An error.
    Fail,
    /// The new query takes the place of the old one: OR REPLACE.
    Replace,
}

/// CREATE VIEW.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateView {
    /// Its name.
    pub name: ObjectName,
    /// Whether OR REPLACE was said.
    pub on_existing: OnExisting,
    /// Names of its first columns; those of the query if there are none.
    pub columns: Vec<String>,
    /// The query.
    pub query: Box<Query>,
    /// The text of that query.
    pub text: String,
}

/// ALTER VIEW.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterView {
    /// The view.
    pub name: ObjectName,
    /// What becomes of it.
    pub change: ViewChange,
}

/// What becomes of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewChange {
    /// What is told of a column.
    Column(String, Pairs),
    /// It has another name.
    Rename(String),
}

/// What the lake holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// A query.
    View,
    /// Rows.
    Table,
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Relation::View => "VIEW",
            Relation::Table => "TABLE",
        })
    }
}

/// DROP VIEW, DROP TABLE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropRelation {
    /// Which of the two.
    pub relation: Relation,
    /// Whether IF EXISTS was said.
    pub on_missing: OnMissing,
    /// Their names.
    pub names: Vec<ObjectName>,
    /// RESTRICT unless said otherwise.
    pub behavior: Behavior,
}

/// Whether `CREATE [OR REPLACE] VIEW` comes next.
pub(crate) fn is_create(c: &Cursor<'_>) -> bool {
    c.at_words(&["CREATE", "VIEW"]) || c.at_words(&["CREATE", "OR", "REPLACE", "VIEW"])
}

pub(crate) fn parse_create(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["CREATE"])?;
    let on_existing = if c.eat(&["OR", "REPLACE"]) { OnExisting::Replace } else { OnExisting::Fail };
    c.expect(&["VIEW"])?;
    let name = c.object_name(3)?;
    let mut columns = Vec::new();
    if c.eat_sign(&Token::LParen) {
        loop {
            columns.push(c.identifier()?);
            if c.eat_sign(&Token::RParen) {
                break;
            }
            c.expect_sign(&Token::Comma)?;
        }
    }
    c.expect(&["AS"])?;
    if !query_is_next(c) {
        return Err(c.expected(QUERIES));
    }
    let text = c.rest_text().to_owned();
    Ok(match query::parse(c)? {
        StatementKind::Query(query) => {
            StatementKind::CreateView(Box::new(CreateView { name, on_existing, columns, query, text }))
        }
        other => other,
    })
}

/// How queries begin.
const QUERIES: &[&str] = &["SELECT", "WITH", "VALUES", "TABLE"];

/// Whether a query comes next.
pub(crate) fn query_is_next(c: &Cursor<'_>) -> bool {
    c.at_sign(&Token::LParen) || QUERIES.iter().any(|word| c.at_words(&[word]))
}

pub(crate) fn parse_alter(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["ALTER", "VIEW"])?;
    let name = c.object_name(3)?;
    let known = ["ALTER", "RENAME", "SET", "UNSET"];
    let change = match c.eat_any(&known) {
        Some("ALTER") => {
            c.expect(&["COLUMN"])?;
            let column = c.label()?;
            c.expect(&["SET"])?;
            ViewChange::Column(column, options::properties(c)?)
        }
        Some("RENAME") => {
            c.expect(&["TO"])?;
            ViewChange::Rename(c.identifier()?)
        }
        Some(verb) => return annotate::change(c, verb, annotate::Target::View(name)),
        None => return Err(c.expected(&known)),
    };
    Ok(StatementKind::AlterView(AlterView { name, change }))
}

pub(crate) fn parse_drop(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["DROP"])?;
    let relation = match c.eat_any(&["VIEW", "TABLE"]) {
        Some("TABLE") => Relation::Table,
        _ => Relation::View,
    };
    let on_missing = if c.eat(&["IF"]) {
        c.expect(&["EXISTS"])?;
        OnMissing::Skip
    } else {
        OnMissing::Fail
    };
    let mut names = vec![c.object_name(3)?];
    while c.eat_sign(&Token::Comma) {
        names.push(c.object_name(3)?);
    }
    let behavior = match c.eat_any(&["CASCADE", "RESTRICT"]) {
        Some("CASCADE") => Behavior::Cascade,
        _ => Behavior::Restrict,
    };
    if !c.rest().is_empty() {
        return Err(c.expected(&["CASCADE", "RESTRICT"]));
    }
    Ok(StatementKind::DropRelation(DropRelation { relation, on_missing, names, behavior }))
}

impl fmt::Display for CreateView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE ")?;
        if self.on_existing == OnExisting::Replace {
            f.write_str("OR REPLACE ")?;
        }
        write!(f, "VIEW {}", self.name)?;
        if !self.columns.is_empty() {
            write!(f, " ({})", self.columns.iter().map(|c| quote_identifier(c)).collect::<Vec<_>>().join(", "))?;
        }
        write!(f, " AS {}", self.text)
    }
}

impl fmt::Display for AlterView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ALTER VIEW {}", self.name)?;
        match &self.change {
            ViewChange::Column(column, pairs) => {
                write!(f, " ALTER COLUMN {}", quote_identifier(column))?;
                options::write_set(f, pairs)
            }
            ViewChange::Rename(name) => write!(f, " RENAME TO {}", quote_identifier(name)),
        }
    }
}

impl fmt::Display for DropRelation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DROP {} ", self.relation)?;
        if self.on_missing == OnMissing::Skip {
            f.write_str("IF EXISTS ")?;
        }
        f.write_str(&self.names.iter().map(ObjectName::to_string).collect::<Vec<_>>().join(", "))?;
        if self.behavior == Behavior::Cascade { f.write_str(" CASCADE") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use crate::StatementKind;
    use crate::stmt::check::{fixed, kind, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "CREATE VIEW v AS SELECT 1",
            "CREATE OR REPLACE VIEW lake.public.v (a, \"order\") AS (SELECT 1, 2)",
            "CREATE VIEW v AS WITH t AS (SELECT 1) TABLE t",
            "ALTER VIEW v ALTER COLUMN amount SET (role = 'measure', format = '#,##0.00', aggregate = 'sum')",
            "ALTER VIEW public.v RENAME TO w",
            "DROP VIEW v",
            "DROP VIEW IF EXISTS a, public.b CASCADE",
            "DROP TABLE IF EXISTS t",
        ]);
        round_trip("drop view v restrict", "DROP VIEW v");
        round_trip("alter table public.v rename to \"W\"", "ALTER VIEW public.v RENAME TO \"W\"");
        let StatementKind::CreateView(created) = kind("create view v as  select  1 -- one") else {
            panic!("another statement")
        };
        assert_eq!(created.text, "select  1");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("CREATE VIEW", 12),
            ("CREATE VIEW v", 14),
            ("CREATE VIEW v (a AS SELECT 1", 18),
            ("CREATE VIEW v AS INSERT", 18),
            ("CREATE VIEW IF NOT EXISTS v AS SELECT 1", 16),
            ("ALTER VIEW v", 13),
            ("ALTER VIEW v ALTER amount SET (a = 1)", 20),
            ("DROP VIEW", 10),
            ("DROP VIEW v CASCAD", 13),
        ]);
    }
}
