//! `COPY table [(column, …)]|(query) TO STDOUT [WITH] (option [value], …)`, and the same with the options of PostgreSQL before 9.0. Which columns there
//! are is not known here. COPY FROM and files of the server are named as unsupported.

use crate::cursor::Cursor;
use crate::stmt::copy_options::{self, CopyOptions};
use crate::stmt::prepare::parenthesised;
use crate::{StatementKind, query};
use sqlparser::ast::Query;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::quote_identifier;
use weft_core::{Error, ObjectName, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Copy {
    /// The rows.
    pub source: CopySource,
    /// How they are written.
    pub options: CopyOptions,
}

/// What is copied.
#[derive(Debug, Clone, PartialEq)]
pub enum CopySource {
    /// The rows of a query.
    Query(Box<Query>),
    /// Those of a table.
    Table {
        /// Its name.
        name: ObjectName,
        /// Of these columns; of all if there is none.
        columns: Vec<String>,
    },
}

impl CopySource {
    /// The rows as a query.
    pub fn query(&self) -> Result<Box<Query>> {
        match self {
            CopySource::Query(query) => Ok(query.clone()),
            CopySource::Table { name, columns } => {
                let columns: Vec<_> = columns.iter().map(|c| quote_identifier(c)).collect();
                let columns = if columns.is_empty() { "*".to_owned() } else { columns.join(", ") };
                match crate::parse(&format!("SELECT {columns} FROM {name}"))?.pop().map(|s| s.kind) {
                    Some(StatementKind::Query(query)) => Ok(query),
                    _ => Err(Error::internal("the rows of a table are no query")),
                }
            }
        }
    }
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["COPY"])?;
    let mut given = copy_options::Given::default();
    let source = if c.at_sign(&Token::LParen) {
        let inside = parenthesised(c)?.unwrap_or_default();
        match query::parse(&mut Cursor::new(c.message(), inside))? {
            StatementKind::Query(query) => CopySource::Query(query),
            _ => return unsupported(c, "COPY of a statement that writes"),
        }
    } else {
        if c.at_words(&["BINARY"]) && c.rest().get(1).is_some_and(|l| matches!(l.token.token, Token::Word(_))) {
            given.word(c, "format", "binary")?;
        }
        let name = c.object_name(3)?;
        let columns = if c.at_sign(&Token::LParen) { copy_options::columns(c)? } else { Vec::new() };
        CopySource::Table { name, columns }
    };
    if matches!(source, CopySource::Table { .. }) && c.eat(&["FROM"]) {
        return unsupported(c, "COPY FROM");
    }
    c.expect(&["TO"])?;
    if !c.eat(&["STDOUT"]) && !c.eat(&["STDIN"]) {
        if c.eat(&["PROGRAM"]) || c.string().is_ok() {
            return unsupported(c, "COPY to a file of the server");
        }
        return Err(c.expected(&["STDOUT"]));
    }
    given.read(c)?;
    c.finish()?;
    Ok(StatementKind::Copy(Copy { source, options: given.checked()? }))
}

fn unsupported(c: &mut Cursor<'_>, what: &str) -> Result<StatementKind> {
    c.skip_rest();
    Ok(StatementKind::Unsupported { what: what.to_owned() })
}

impl fmt::Display for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            CopySource::Query(query) => write!(f, "COPY ({query})")?,
            CopySource::Table { name, columns } => {
                write!(f, "COPY {name}")?;
                copy_options::write_columns(f, columns)?;
            }
        }
        write!(f, " TO STDOUT{}", self.options)
    }
}

#[cfg(test)]
mod tests {
    use crate::StatementKind;
    use crate::stmt::check::{error, fixed, kind, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "COPY a.b.c TO STDOUT",
            "COPY t (a, \"B\") TO STDOUT WITH (FORMAT csv)",
            "COPY (SELECT 1 AS x, 'a') TO STDOUT WITH (FORMAT binary)",
            "COPY t TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';', NULL 'N', QUOTE '''', ESCAPE 'x', FORCE_QUOTE (a, b))",
            "COPY t TO STDOUT WITH (DELIMITER '|', NULL '', HEADER)",
            "COPY t TO STDOUT WITH (FORMAT csv, FORCE_QUOTE *)",
        ]);
        for (sql, written) in [
            ("copy binary t to stdout", "COPY t TO STDOUT WITH (FORMAT binary)"),
            ("COPY t TO STDIN WITH (FORMAT 'text', HEADER off, ENCODING 'utf-8')", "COPY t TO STDOUT"),
            ("COPY t TO STDOUT CSV HEADER", "COPY t TO STDOUT WITH (FORMAT csv, HEADER)"),
            ("COPY t TO STDOUT WITH DELIMITER AS ';' NULL AS ''", "COPY t TO STDOUT WITH (DELIMITER ';', NULL '')"),
            ("COPY t TO STDOUT USING DELIMITERS ';'", "COPY t TO STDOUT WITH (DELIMITER ';')"),
            (
                "COPY t TO STDOUT WITH CSV QUOTE '|' FORCE QUOTE a, b",
                "COPY t TO STDOUT WITH (FORMAT csv, QUOTE '|', FORCE_QUOTE (a, b))",
            ),
            (
                "COPY (TABLE t) TO STDOUT (format csv, escape '\"')",
                "COPY (SELECT * FROM t) TO STDOUT WITH (FORMAT csv)",
            ),
        ] {
            round_trip(sql, written);
        }
        for (sql, what) in [
            ("COPY t FROM STDIN", "COPY FROM"),
            ("COPY t (a) FROM '/x' CSV", "COPY FROM"),
            ("COPY t TO '/x'", "COPY to a file of the server"),
            ("COPY t TO PROGRAM 'x'", "COPY to a file of the server"),
            ("COPY (DELETE FROM t RETURNING *) TO STDOUT", "COPY of a statement that writes"),
        ] {
            assert_eq!(kind(sql), StatementKind::Unsupported { what: what.to_owned() });
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("COPY", 5),
            ("COPY t", 7),
            ("COPY t TO", 10),
            ("COPY (SELECT 1", 15),
            ("COPY (SELECT 1) FROM STDIN", 17),
            ("COPY t TO STDOUT (", 19),
            ("COPY t TO STDOUT (x 1)", 19),
            ("COPY t TO STDOUT (FORMAT csv, FORMAT text)", 31),
            ("COPY t TO STDOUT (HEADER maybe)", 19),
            ("COPY t TO STDOUT (FORMAT binary, NULL '')", 34),
            ("COPY t TO STDOUT x", 18),
        ]);
    }

    #[test]
    fn options_must_fit_together() {
        for (options, sqlstate) in [
            ("FORMAT xml", "22023"),
            ("FORMAT binary, HEADER", "0A000"),
            ("DELIMITER 'ab'", "0A000"),
            ("DELIMITER 'ö'", "0A000"),
            ("DELIMITER 'a'", "22023"),
            ("DELIMITER E'\\n'", "22023"),
            ("NULL E'\\n'", "22023"),
            ("NULL E'a\\tb'", "22023"),
            ("QUOTE 'x'", "0A000"),
            ("ESCAPE 'x'", "0A000"),
            ("FORCE_QUOTE *", "0A000"),
            ("FORMAT csv, QUOTE ','", "22023"),
            ("FORMAT csv, QUOTE ''", "0A000"),
            ("FORMAT csv, NULL '\"'", "22023"),
            ("FORMAT csv, FORCE_NULL (a)", "0A000"),
            ("HEADER match", "0A000"),
            ("ENCODING 'LATIN1'", "0A000"),
        ] {
            let e = error(&format!("COPY t TO STDOUT ({options})"));
            assert_eq!(e.kind().sqlstate(), sqlstate, "{options}: {e:?}");
        }
    }
}
