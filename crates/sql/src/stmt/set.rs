//! `SET [SESSION|LOCAL] variable {TO|=} value, …` and its special spellings. Which variables there are is not known here.

use crate::StatementKind;
use crate::cursor::Cursor;
use crate::stmt::set_transaction;
use crate::stmt::show::{variable, write_variable};
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_literal;

/// How long the value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetScope {
    /// Until the session ends.
    Session,
    /// Until the transaction ends.
    Local,
}

/// The new value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetValue {
    /// As if it had never been set.
    Default,
    /// Constants as text; at least one.
    Values(Vec<String>),
}

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// SESSION unless said otherwise.
    pub scope: SetScope,
    /// The variable: lower case, dotted where the user dotted it. TIME ZONE, NAMES and SCHEMA are `timezone`, `client_encoding`, `search_path`.
    pub name: String,
    /// Its value.
    pub value: SetValue,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["SET"])?;
    if c.eat(&["CONSTRAINTS"]) {
        c.skip_rest();
        return Ok(StatementKind::Unsupported { what: "SET CONSTRAINTS".to_owned() });
    }
    if c.at_words(&["TRANSACTION"]) || c.at_words(&["SESSION", "CHARACTERISTICS"]) {
        return set_transaction::parse(c);
    }
    let scope = if c.at_words(&["SESSION", "AUTHORIZATION"]) { None } else { c.eat_any(&["SESSION", "LOCAL"]) };
    let scope = if scope == Some("LOCAL") { SetScope::Local } else { SetScope::Session };
    let zone = c.at_words(&["TIME", "ZONE"]);
    if zone || c.at_words(&["SESSION", "AUTHORIZATION"]) {
        let name = variable(c)?;
        let value = if zone { time_zone(c)? } else { single(c)? };
        return Ok(StatementKind::Set(Set { scope, name, value }));
    }
    for (word, name) in [("NAMES", "client_encoding"), ("SCHEMA", "search_path"), ("ROLE", "role")] {
        if c.at_words(&[word]) && !is_assignment(c) {
            c.advance();
            let bare = word == "NAMES" && c.rest().is_empty();
            let value = if bare { SetValue::Default } else { single(c)? };
            return Ok(StatementKind::Set(Set { scope, name: name.to_owned(), value }));
        }
    }
    let name = variable(c)?;
    if c.eat(&["FROM", "CURRENT"]) {
        return Ok(StatementKind::Unsupported { what: "SET FROM CURRENT".to_owned() });
    }
    if !c.eat_sign(&Token::Eq) {
        c.expect(&["TO"])?;
    }
    Ok(StatementKind::Set(Set { scope, name, value: values(c)? }))
}

/// Whether the word that comes next is a variable like any other.
fn is_assignment(c: &Cursor<'_>) -> bool {
    c.rest().get(1).is_some_and(|l| l.token.token == Token::Eq || l.is_word("TO"))
}

fn single(c: &mut Cursor<'_>) -> Result<SetValue> {
    if c.eat(&["DEFAULT"]) { Ok(SetValue::Default) } else { Ok(SetValue::Values(vec![c.constant()?])) }
}

/// The value of a variable.
pub(crate) fn values(c: &mut Cursor<'_>) -> Result<SetValue> {
    if c.eat(&["DEFAULT"]) {
        return Ok(SetValue::Default);
    }
    let mut values = vec![c.constant()?];
    while c.eat_sign(&Token::Comma) {
        values.push(c.constant()?);
    }
    Ok(SetValue::Values(values))
}

/// A zone is also LOCAL, or an interval, whose fields after the text add nothing.
fn time_zone(c: &mut Cursor<'_>) -> Result<SetValue> {
    if c.eat_any(&["LOCAL", "DEFAULT"]).is_some() {
        return Ok(SetValue::Default);
    }
    if c.eat(&["INTERVAL"]) {
        let text = c.string()?;
        if c.eat(&["HOUR"]) && c.eat(&["TO"]) {
            c.expect(&["MINUTE"])?;
        }
        return Ok(SetValue::Values(vec![text]));
    }
    Ok(SetValue::Values(vec![c.constant()?]))
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.scope == SetScope::Local { "SET LOCAL " } else { "SET " })?;
        write!(f, "{} TO ", write_variable(&self.name))?;
        match &self.value {
            SetValue::Default => f.write_str("DEFAULT"),
            SetValue::Values(values) => {
                f.write_str(&values.iter().map(|v| quote_literal(v)).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "SET a TO 'x'",
            "SET LOCAL a.b TO 'x', 'y'",
            "SET a TO DEFAULT",
            "SET \"time\" TO 'x'",
            "SET \"session\" TO 'x'",
        ]);
        for (sql, written) in [
            ("set Statement_Timeout = 5", "SET statement_timeout TO '5'"),
            ("SET SESSION extra_float_digits = -3", "SET extra_float_digits TO '-3'"),
            ("SET search_path = \"A\", Public, ''", "SET search_path TO 'A', 'public', ''"),
            ("SET DateStyle TO ISO, MDY", "SET datestyle TO 'iso', 'mdy'"),
            ("SET a = on", "SET a TO 'on'"),
            ("SET TIME ZONE 'Europe/Berlin'", "SET timezone TO 'Europe/Berlin'"),
            ("SET LOCAL TIME ZONE LOCAL", "SET LOCAL timezone TO DEFAULT"),
            ("SET TIME ZONE -7.5", "SET timezone TO '-7.5'"),
            ("SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE", "SET timezone TO '-08:00'"),
            ("SET NAMES 'UTF8'", "SET client_encoding TO 'UTF8'"),
            ("SET NAMES", "SET client_encoding TO DEFAULT"),
            ("SET SCHEMA 's'", "SET search_path TO 's'"),
            ("SET ROLE NONE", "SET role TO 'none'"),
            ("SET role = 'r'", "SET role TO 'r'"),
            ("SET SESSION AUTHORIZATION DEFAULT", "SET session_authorization TO DEFAULT"),
        ] {
            round_trip(sql, written);
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("SET", 4),
            ("SET a", 6),
            ("SET a 'x'", 7),
            ("SET a =", 8),
            ("SET a = 1,", 11),
            ("SET a = 5 s", 11),
            ("SET a = $1", 9),
        ]);
    }
}
