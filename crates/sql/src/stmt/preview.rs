//! `PREVIEW c.s.t [(column, …)] [WHERE condition] [LIMIT n]`: the first rows of a table, as the source finds them.

use crate::cursor::Cursor;
use crate::lexeme::Lexeme;
use crate::{StatementKind, parse as statements, query};
use sqlparser::ast::{
    Expr, Ident, LimitClause, ObjectName as AstName, ObjectNamePart, Query, SelectItem, SetExpr, TableFactor, Value,
};
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::quote_identifier;
use weft_core::{Error, ErrorKind, ObjectName, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The table.
    pub table: ObjectName,
    /// Its columns that are wanted; none means all.
    pub columns: Vec<String>,
    /// Which rows.
    pub filter: Option<Expr>,
    /// How many at most; the gateway's own number if there is none.
    pub limit: Option<u64>,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["PREVIEW"])?;
    let table = c.object_name(3)?;
    let columns = columns(c)?;
    let filter = if c.eat(&["WHERE"]) { Some(filter(c)?) } else { None };
    let limit = if c.eat(&["LIMIT"]) { Some(limit(c)?) } else { None };
    if !c.rest().is_empty() {
        return Err(c.expected(&["WHERE", "LIMIT"]));
    }
    Ok(StatementKind::Preview(Box::new(Preview { table, columns, filter, limit })))
}

/// `(column, …)`, or nothing.
pub(super) fn columns(c: &mut Cursor<'_>) -> Result<Vec<String>> {
    let mut columns = Vec::new();
    if !c.eat_sign(&Token::LParen) {
        return Ok(columns);
    }
    loop {
        columns.push(c.identifier()?);
        if c.eat_sign(&Token::RParen) {
            return Ok(columns);
        }
        c.expect_sign(&Token::Comma)?;
    }
}

/// The condition: all up to a LIMIT that stands outside of parentheses.
fn filter(c: &mut Cursor<'_>) -> Result<Expr> {
    let end = end_of_filter(c.rest());
    if end == 0 {
        return Err(c.unexpected());
    }
    let inside = c.rest().get(..end).unwrap_or_default();
    let filter = query::run(c, inside, |p| p.parse_expr())?;
    c.advance_by(end);
    Ok(filter)
}

fn end_of_filter(lexemes: &[Lexeme]) -> usize {
    let mut depth = 0usize;
    for (i, lexeme) in lexemes.iter().enumerate() {
        match lexeme.token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ if depth == 0 && lexeme.is_word("LIMIT") => return i,
            _ => {}
        }
    }
    lexemes.len()
}

fn limit(c: &mut Cursor<'_>) -> Result<u64> {
    let position = c.position();
    let Some(Token::Number(digits, _)) = c.peek() else { return Err(c.unexpected()) };
    let rows = digits.parse().map_err(|_| {
        Error::new(ErrorKind::InvalidRowCountInLimit, "LIMIT of PREVIEW must be a whole number").at(position)
    })?;
    c.advance();
    Ok(rows)
}

impl Preview {
    /// The query that answers it, with this many rows at most.
    pub fn query(&self, rows: u64) -> Result<Query> {
        let skeleton = statements::parse("SELECT * FROM t LIMIT 1")?.into_iter().next().map(|s| s.kind);
        let broken = || Error::internal("PREVIEW became no query");
        let Some(StatementKind::Query(mut query)) = skeleton else { return Err(broken()) };
        let SetExpr::Select(select) = query.body.as_mut() else { return Err(broken()) };
        let Some(TableFactor::Table { name, .. }) = select.from.first_mut().map(|from| &mut from.relation) else {
            return Err(broken());
        };
        *name = AstName(self.table.0.iter().map(|part| ObjectNamePart::Identifier(quoted(part))).collect());
        if !self.columns.is_empty() {
            let column = |name: &String| SelectItem::UnnamedExpr(Expr::Identifier(quoted(name)));
            select.projection = self.columns.iter().map(column).collect();
        }
        select.selection.clone_from(&self.filter);
        let Some(LimitClause::LimitOffset { limit, .. }) = query.limit_clause.as_mut() else { return Err(broken()) };
        *limit = Some(Expr::value(Value::Number(rows.to_string(), false)));
        Ok(*query)
    }
}

fn quoted(name: &str) -> Ident {
    Ident::with_quote('"', name)
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PREVIEW {}", self.table)?;
        if !self.columns.is_empty() {
            let columns: Vec<_> = self.columns.iter().map(|c| quote_identifier(c)).collect();
            write!(f, " ({})", columns.join(", "))?;
        }
        if let Some(filter) = &self.filter {
            write!(f, " WHERE {filter}")?;
        }
        match self.limit {
            Some(limit) => write!(f, " LIMIT {limit}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::StatementKind;
    use crate::stmt::check::{error, fixed, kind, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "PREVIEW t",
            "PREVIEW c.s.t LIMIT 10",
            "PREVIEW c.\"S\".t (a, \"B\") WHERE a > 3 AND b IN (1, 2) LIMIT 5",
            "PREVIEW t WHERE a = (SELECT b FROM u LIMIT 1)",
        ]);
        round_trip("preview C.S.T where x = 'LIMIT' limit 1", "PREVIEW c.s.t WHERE x = 'LIMIT' LIMIT 1");
    }

    #[test]
    fn it_is_a_query() {
        let StatementKind::Preview(preview) = kind("PREVIEW c.\"S\".t (a) WHERE a > 3") else { panic!("no preview") };
        let query = preview.query(7).expect("a query");
        assert_eq!(query.to_string(), "SELECT \"a\" FROM \"c\".\"S\".\"t\" WHERE a > 3 LIMIT 7");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("PREVIEW", 8),
            ("PREVIEW t ()", 12),
            ("PREVIEW t (a", 13),
            ("PREVIEW t WHERE", 16),
            ("PREVIEW t WHERE a >", 20),
            ("PREVIEW t WHERE LIMIT 1", 17),
            ("PREVIEW t LIMIT", 16),
            ("PREVIEW t LIMIT -1", 17),
            ("PREVIEW t LIMIT 1 WHERE a", 19),
            ("PREVIEW t WHER a", 11),
        ]);
        assert_eq!(error("PREVIEW t WHER a").hint(), Some("Did you mean WHERE?"));
        assert_eq!(error("PREVIEW t LIMIT 1.5").kind().sqlstate(), "2201W");
    }
}
