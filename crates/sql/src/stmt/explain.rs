//! `EXPLAIN [ANALYZE] [VERBOSE] query` and `EXPLAIN (option [value], …) query`.

use crate::cursor::Cursor;
use crate::{StatementKind, query};
use sqlparser::ast::Query;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::quote_identifier;
use weft_core::option::parse_boolean;
use weft_core::{Error, ErrorKind, Result};

/// How the plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExplainFormat {
    /// Lines.
    #[default]
    Text,
    /// One JSON document.
    Json,
}

/// What is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExplainOptions {
    /// The query is run, and its plan told with figures.
    pub analyze: bool,
    /// Everything that is known.
    pub verbose: bool,
    /// The worker of each part.
    pub distributed: bool,
    /// How it is written.
    pub format: ExplainFormat,
}

/// The statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Explain {
    /// What is to be told.
    pub options: ExplainOptions,
    /// Of which query.
    pub query: Box<Query>,
    /// The text of that query.
    pub text: String,
}

/// PostgreSQL's options that change nothing here: its tools send them.
const WITHOUT_EFFECT: &[&str] = &["buffers", "costs", "memory", "settings", "summary", "timing", "wal"];

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["EXPLAIN"])?;
    let mut options = ExplainOptions::default();
    if c.at_sign(&Token::LParen) && !is_query_in_parentheses(c) {
        list(c, &mut options)?;
    } else {
        options.analyze = c.eat_any(&["ANALYZE", "ANALYSE"]).is_some();
        options.verbose = c.eat(&["VERBOSE"]);
    }
    let known = ["SELECT", "WITH", "VALUES", "TABLE"];
    if !c.at_sign(&Token::LParen) && !known.iter().any(|w| c.at_words(&[w])) {
        return other(c, &known);
    }
    let text = c.rest_text().to_owned();
    Ok(match query::parse(c)? {
        StatementKind::Query(query) => StatementKind::Explain(Explain { options, query, text }),
        StatementKind::Unsupported { what } => StatementKind::Unsupported { what: format!("EXPLAIN {what}") },
        other => other,
    })
}

/// PostgreSQL explains more than queries.
fn other(c: &mut Cursor<'_>, known: &[&str]) -> Result<StatementKind> {
    match c.eat_any(&["INSERT", "UPDATE", "DELETE", "MERGE", "EXECUTE", "DECLARE", "CREATE", "REFRESH"]) {
        Some(what) => {
            c.skip_rest();
            Ok(StatementKind::Unsupported { what: format!("EXPLAIN {what}") })
        }
        None => Err(c.expected(known)),
    }
}

fn is_query_in_parentheses(c: &Cursor<'_>) -> bool {
    let first = c.rest().iter().find(|l| l.token.token != Token::LParen);
    c.rest().get(1).is_some_and(|l| l.token.token == Token::LParen)
        || first.is_some_and(|l| ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|w| l.is_word(w)))
}

fn list(c: &mut Cursor<'_>, options: &mut ExplainOptions) -> Result<()> {
    c.expect_sign(&Token::LParen)?;
    loop {
        let position = c.position();
        let name = c.label()?;
        let bare = c.at_sign(&Token::Comma) || c.at_sign(&Token::RParen);
        let value = if bare { None } else { Some(c.constant()?) };
        option(options, &name, value.as_deref()).map_err(|e| e.at(position))?;
        if c.eat_sign(&Token::RParen) {
            return Ok(());
        }
        c.expect_sign(&Token::Comma)?;
    }
}

fn option(options: &mut ExplainOptions, name: &str, value: Option<&str>) -> Result<()> {
    if name == "format" {
        let value = value.unwrap_or_default();
        options.format = match value.to_ascii_lowercase().as_str() {
            "text" => ExplainFormat::Text,
            "json" => ExplainFormat::Json,
            _ => {
                let message = format!("unrecognized value for EXPLAIN option \"format\": \"{value}\"");
                return Err(Error::new(ErrorKind::InvalidParameterValue, message).with_hint("It takes text or json."));
            }
        };
        return Ok(());
    }
    let field = match name {
        "analyze" | "analyse" => Some(&mut options.analyze),
        "verbose" => Some(&mut options.verbose),
        "distributed" => Some(&mut options.distributed),
        _ if WITHOUT_EFFECT.contains(&name) => None,
        _ => {
            let known =
                ["analyze", "verbose", "distributed", "format"].into_iter().chain(WITHOUT_EFFECT.iter().copied());
            let error =
                Error::new(ErrorKind::SyntaxError, format!("unrecognized EXPLAIN option {}", quote_identifier(name)));
            return Err(match weft_core::name::nearest(name, known) {
                Some(near) => error.with_hint(format!("Did you mean {near}?")),
                None => error.with_hint("Known options: analyze, verbose, distributed, format."),
            });
        }
    };
    let Some(truth) = value.map_or(Some(true), parse_boolean) else {
        return Err(Error::new(ErrorKind::SyntaxError, format!("{name} requires a Boolean value")));
    };
    if let Some(field) = field {
        *field = truth;
    }
    Ok(())
}

impl fmt::Display for Explain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ExplainOptions { analyze, verbose, distributed, format } = self.options;
        let json = format == ExplainFormat::Json;
        let named = [(analyze, "ANALYZE"), (verbose, "VERBOSE"), (distributed, "DISTRIBUTED"), (json, "FORMAT json")];
        let said: Vec<_> = named.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
        f.write_str("EXPLAIN ")?;
        if !said.is_empty() {
            write!(f, "({}) ", said.join(", "))?;
        }
        self.query.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{error, kind, refused};
    use crate::{Explain, ExplainFormat, ExplainOptions, StatementKind};

    fn explain(sql: &str) -> Explain {
        match kind(sql) {
            StatementKind::Explain(e) => e,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reads_and_writes() {
        for (sql, written) in [
            ("explain select 1", "EXPLAIN SELECT 1"),
            ("EXPLAIN ANALYZE VERBOSE SELECT 1", "EXPLAIN (ANALYZE, VERBOSE) SELECT 1"),
            (
                "EXPLAIN (ANALYZE, VERBOSE off, COSTS off, FORMAT 'JSON', distributed 1) TABLE t",
                "EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT json) SELECT * FROM t",
            ),
            ("EXPLAIN (SELECT 1)", "EXPLAIN (SELECT 1)"),
            ("EXPLAIN ((SELECT 1))", "EXPLAIN ((SELECT 1))"),
            ("EXPLAIN (VERBOSE) (SELECT 1)", "EXPLAIN (VERBOSE) (SELECT 1)"),
        ] {
            let read = explain(sql);
            assert_eq!(read.to_string(), written);
            let again = explain(written);
            assert_eq!((again.options, again.query), (read.options, read.query));
        }
        let all = explain("EXPLAIN (FORMAT json)  SELECT  1 ;");
        assert_eq!(
            (all.options, all.text.as_str()),
            (ExplainOptions { format: ExplainFormat::Json, ..Default::default() }, "SELECT  1")
        );
        assert_eq!(
            kind("EXPLAIN INSERT INTO t VALUES (1)"),
            StatementKind::Unsupported { what: "EXPLAIN INSERT".to_owned() }
        );
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("EXPLAIN", 8),
            ("EXPLAIN (", 10),
            ("EXPLAIN (FOO) SELECT 1", 10),
            ("EXPLAIN (ANALYZE 7) SELECT 1", 10),
            ("EXPLAIN SHOW ALL", 9),
        ]);
        assert_eq!(error("EXPLAIN (VERBOS) SELECT 1").hint(), Some("Did you mean verbose?"));
        assert_eq!(error("EXPLAIN (FORMAT xml) SELECT 1").kind().sqlstate(), "22023");
    }
}
