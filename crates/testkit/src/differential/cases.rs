//! The files of cases, to statements. `expressions.txt` has one expression a line over the table `t`; `queries.sql` has whole statements.

use crate::{Error, Result};
use std::fmt;

/// One statement and what must come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Where it is written.
    pub origin: Origin,
    /// What is sent to both servers.
    pub sql: String,
    /// Rows or an error.
    pub expect: Expect,
}

/// File and line of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// `expressions.txt` or `queries.sql`.
    pub file: &'static str,
    /// From 1.
    pub line: usize,
}

/// What must come of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// The same rows from both.
    Rows,
    /// An error with this SQLSTATE from both.
    Sqlstate(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Lines `expr`, `expr @ condition`, `!SQLSTATE expr` (with a condition too); `#` begins a comment, blank lines mean nothing.
pub fn expressions(text: &str) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let origin = Origin { file: "expressions.txt", line: index + 1 };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (expect, line) = match line.strip_prefix('!') {
            Some(rest) => {
                let (state, expression) = rest.split_once(' ').unwrap_or((rest, ""));
                let valid = state.len() == 5 && state.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
                if !valid || expression.trim().is_empty() {
                    return Err(Error::new(format!("{origin}: expected `!SQLSTATE expression`, found `{line}`")));
                }
                (Expect::Sqlstate(state.to_owned()), expression.trim())
            }
            None => (Expect::Rows, line),
        };
        // The last one: `@` by itself is also PostgreSQL's operator for the absolute value.
        let sql = match line.rsplit_once(" @ ") {
            Some((expression, condition)) => format!("SELECT id, {expression} FROM t WHERE {condition} ORDER BY id"),
            None => format!("SELECT id, {line} FROM t ORDER BY id"),
        };
        cases.push(Case { origin, sql, expect });
    }
    Ok(cases)
}

/// Statements ending in `;` at the end of a line; `--` lines are comments.
pub fn queries(text: &str) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let (mut sql, mut first) = (String::new(), 0);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with("--") {
            continue;
        }
        if sql.is_empty() {
            first = index + 1;
        } else {
            // A comment at the end of a line must not swallow the next one.
            sql.push('\n');
        }
        sql.push_str(line);
        if let Some(whole) = sql.strip_suffix(';') {
            let origin = Origin { file: "queries.sql", line: first };
            cases.push(Case { origin, sql: whole.to_owned(), expect: Expect::Rows });
            sql.clear();
        }
    }
    if sql.is_empty() {
        return Ok(cases);
    }
    Err(Error::new(format!("queries.sql:{first}: statement without `;`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_with_conditions_and_errors() {
        let text = "# comment\n\na + 1\na / b @ b <> 0\n!22012 a / 0 @ id = 1\n@ a\n(@ a) + 1 @ a < 0\n";
        let cases = expressions(text).unwrap();
        let sql: Vec<&str> = cases.iter().map(|case| case.sql.as_str()).collect();
        assert_eq!(
            sql,
            [
                "SELECT id, a + 1 FROM t ORDER BY id",
                "SELECT id, a / b FROM t WHERE b <> 0 ORDER BY id",
                "SELECT id, a / 0 FROM t WHERE id = 1 ORDER BY id",
                "SELECT id, @ a FROM t ORDER BY id",
                "SELECT id, (@ a) + 1 FROM t WHERE a < 0 ORDER BY id",
            ]
        );
        assert_eq!(cases[2].expect, Expect::Sqlstate("22012".to_owned()));
        assert_eq!(cases[2].origin.to_string(), "expressions.txt:5");
    }

    #[test]
    fn a_malformed_error_case_names_its_line() {
        for text in ["a\n!221 a", "a\n!22012", "a\n!22x12 a"] {
            assert!(expressions(text).unwrap_err().to_string().contains("expressions.txt:2"), "{text}");
        }
    }

    #[test]
    fn queries_end_with_a_semicolon_at_the_end_of_a_line() {
        let cases = queries("-- c\nSELECT 1;\n\nSELECT ';'\n  FROM t;\n").unwrap();
        let sql: Vec<&str> = cases.iter().map(|case| case.sql.as_str()).collect();
        assert_eq!(sql, ["SELECT 1", "SELECT ';'\nFROM t"]);
        assert_eq!(cases[1].origin.line, 4);
        assert!(queries("SELECT 1;\nSELECT 2").unwrap_err().to_string().contains("queries.sql:2"));
    }
}
