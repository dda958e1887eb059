//! Queries, and the expressions and types inside of other statements: handed to sqlparser, its errors reworded. It must not know what a table is.

use crate::cursor::Cursor;
use crate::dialect::Bounded;
use crate::lexeme::Lexeme;
use crate::statement::StatementKind;
use crate::{complexity, error};
use sqlparser::ast::{Expr, Ident, ObjectName, Query, SetExpr, Statement as Parsed, Visit, Visitor};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan};
use std::ops::ControlFlow;
use weft_core::Result;

/// The parser's own limit. A level of subqueries takes up to three of these, and the dialect's limit should be the first that is met: the parser
/// takes its own for a wrong guess in places.
const PARSER_LEVELS: usize = 3 * complexity::MAX_NESTING;

/// Words that a mistyped one may stand for.
const CLAUSES: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "BY",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "JOIN",
    "LEFT",
    "RIGHT",
    "FULL",
    "INNER",
    "OUTER",
    "CROSS",
    "LATERAL",
    "ON",
    "USING",
    "VALUES",
    "WITH",
    "RECURSIVE",
    "DISTINCT",
    "BETWEEN",
    "WINDOW",
    "FETCH",
];

/// The stack of the parser, reserved and not touched until it is needed. Its functions have large frames, up to 200 KB for a level of subqueries when
/// built without optimisation: more than a server's thread has for the levels that are allowed.
const STACK: usize = 64 << 20;

/// The rest of the statement as a query.
pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    let kind = run(c, c.rest(), |p| p.parse_statement().map(sort))?;
    if let StatementKind::Query(query) = &kind
        && let ControlFlow::Break(place) = query.visit(&mut Misplaced)
    {
        return Err(at(c, c.rest(), place).expected(CLAUSES));
    }
    c.skip_rest();
    Ok(kind)
}

/// What sqlparser read: a query, or something that writes.
fn sort(parsed: Parsed) -> StatementKind {
    let Parsed::Query(query) = parsed else {
        let what = parsed.to_string().split(' ').next().unwrap_or_default().to_owned();
        return StatementKind::Unsupported { what };
    };
    match query.visit(&mut Writes) {
        ControlFlow::Break(what) => StatementKind::Unsupported { what: what.to_owned() },
        ControlFlow::Continue(()) => StatementKind::Query(query),
    }
}

/// Lets sqlparser read these tokens, all of them.
pub(crate) fn run<T>(
    c: &Cursor<'_>,
    lexemes: &[Lexeme],
    read: impl FnOnce(&mut Parser<'_>) -> Result<T, ParserError>,
) -> Result<T> {
    complexity::check(lexemes)?;
    stacker::grow(STACK, || {
        let dialect = Bounded::new(lexemes.len());
        let mut parser =
            Parser::new(&dialect).with_recursion_limit(PARSER_LEVELS).with_tokens_with_locations(tokens_of(lexemes));
        let failed = match read(&mut parser) {
            Ok(parsed) if parser.peek_token_ref().token == Token::EOF => return Ok(parsed),
            Ok(_) => None,
            Err(e) => Some(e),
        };
        let stopped = parser.peek_token_ref().span.start;
        Err(explain(c, lexemes, failed, stopped))
    })
}

/// The tokens for sqlparser. It does not read `TABLE t`, which means `SELECT * FROM t`.
fn tokens_of(lexemes: &[Lexeme]) -> Vec<TokenWithSpan> {
    let mut tokens: Vec<TokenWithSpan> = Vec::with_capacity(lexemes.len() + 2);
    for (i, lexeme) in lexemes.iter().enumerate() {
        let begins = |before: &Lexeme| {
            matches!(before.token.token, Token::LParen | Token::RParen)
                || ["UNION", "ALL", "DISTINCT", "INTERSECT", "EXCEPT"].iter().any(|w| before.is_word(w))
        };
        let named =
            matches!(lexemes.get(i + 1), Some(Lexeme { token: TokenWithSpan { token: Token::Word(_), .. }, .. }));
        if lexeme.is_word("TABLE") && named && (i == 0 || lexemes.get(i - 1).is_some_and(begins)) {
            for token in [Token::make_keyword("SELECT"), Token::Mul, Token::make_keyword("FROM")] {
                tokens.push(TokenWithSpan::new(token, lexeme.token.span));
            }
        } else {
            tokens.push(lexeme.token.clone());
        }
    }
    tokens
}

/// PostgreSQL's words for what sqlparser says. `stopped` is where its reading ended; its errors mostly know better.
fn explain(c: &Cursor<'_>, lexemes: &[Lexeme], failed: Option<ParserError>, stopped: Location) -> weft_core::Error {
    if matches!(failed, Some(ParserError::RecursionLimitExceeded)) {
        return error::too_deep(c.position());
    }
    let place = failed.as_ref().and_then(error::location_of).unwrap_or(stopped);
    let rest = at(c, lexemes, place);
    match failed.as_ref().and_then(error::expectation_of) {
        Some(detail) => rest.expected(CLAUSES).with_detail(detail),
        None => rest.expected(CLAUSES),
    }
}

/// The statement from this place on.
fn at<'c>(c: &Cursor<'c>, lexemes: &[Lexeme], place: Location) -> Cursor<'c> {
    let at = lexemes.partition_point(|l| l.token.span.start < place);
    let lexeme = if place.line == 0 { None } else { lexemes.get(at) };
    c.at_byte(lexeme.map(|l| l.start).or_else(|| lexemes.last().map(|l| l.end)).unwrap_or_default())
}

/// Words that are no names unless they are quoted, and that sqlparser takes for names. Source: PostgreSQL's manual, appendix C.
const RESERVED: &[&str] = &[
    "WHERE",
    "FROM",
    "SELECT",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "ON",
    "USING",
    "WINDOW",
    "WITH",
    "FOR",
    "INTO",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "AND",
    "OR",
    "IN",
    "AS",
    "TO",
    "DESC",
    "ASC",
    "DISTINCT",
    "TABLE",
    "CREATE",
    "GRANT",
    "RETURNING",
    "CROSS",
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "NATURAL",
];

/// Finds the place of a reserved word that stands for a table or a column.
struct Misplaced;

impl Misplaced {
    fn check(ident: &Ident) -> ControlFlow<Location> {
        let reserved =
            ident.quote_style.is_none() && RESERVED.iter().any(|word| ident.value.eq_ignore_ascii_case(word));
        if reserved { ControlFlow::Break(ident.span.start) } else { ControlFlow::Continue(()) }
    }
}

impl Visitor for Misplaced {
    type Break = Location;

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<Location> {
        relation.0.first().and_then(|part| part.as_ident()).map_or(ControlFlow::Continue(()), Self::check)
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Location> {
        match expr {
            Expr::Identifier(ident) => Self::check(ident),
            _ => ControlFlow::Continue(()),
        }
    }
}

/// Finds statements that write, wherever they hide in a query.
struct Writes;

impl Visitor for Writes {
    type Break = &'static str;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<&'static str> {
        let mut body = &*query.body;
        loop {
            body = match body {
                SetExpr::Insert(_) => return ControlFlow::Break("INSERT"),
                SetExpr::Update(_) => return ControlFlow::Break("UPDATE"),
                SetExpr::Delete(_) => return ControlFlow::Break("DELETE"),
                SetExpr::Merge(_) => return ControlFlow::Break("MERGE"),
                SetExpr::Select(select) if select.into.is_some() => return ControlFlow::Break("SELECT INTO"),
                SetExpr::SetOperation { left, .. } => left,
                _ => return ControlFlow::Continue(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::StatementKind;
    use crate::stmt::check::{error, kind, round_trip};

    #[test]
    fn table_is_a_query() {
        for (sql, written) in [
            ("TABLE a.b.c", "SELECT * FROM a.b.c"),
            ("TABLE t ORDER BY 1 LIMIT 2", "SELECT * FROM t ORDER BY 1 LIMIT 2"),
            ("WITH x AS (TABLE y) TABLE x", "WITH x AS (SELECT * FROM y) SELECT * FROM x"),
            ("TABLE a UNION ALL TABLE b", "SELECT * FROM a UNION ALL SELECT * FROM b"),
            ("SELECT t.table AS table FROM t", "SELECT t.table AS table FROM t"),
            ("VALUES (1, 'a'), (2, $1)", "VALUES (1, 'a'), (2, $1)"),
        ] {
            assert!(matches!(round_trip(sql, written), StatementKind::Query(_)), "{sql}");
        }
    }

    #[test]
    fn writes_are_found_anywhere() {
        for (sql, what) in [
            ("SELECT 1 INTO t", "SELECT INTO"),
            ("SELECT 1 INTO t UNION SELECT 2", "SELECT INTO"),
            ("WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x", "INSERT"),
            ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "DELETE"),
            ("WITH x AS (SELECT 1) UPDATE t SET a = 1", "UPDATE"),
        ] {
            assert_eq!(kind(sql), StatementKind::Unsupported { what: what.to_owned() }, "{sql}");
        }
    }

    #[test]
    fn errors_read_as_those_of_postgresql() {
        for (sql, message, position) in [
            ("SELECT 1 FROM", "syntax error at end of input", 14),
            ("SELECT 'ö', , 2", "syntax error at or near \",\"", 13),
            ("SELECT 1;\n SELECT a b c", "syntax error at or near \"c\"", 23),
            ("SELECT (1", "syntax error at end of input", 10),
            ("SELECT 'x", "unterminated quoted string", 8),
            ("SELECT /* x", "unterminated /* comment", 12),
            ("SELCT 1", "syntax error at or near \"SELCT\"", 1),
            ("SELECT * FORM t", "syntax error at or near \"FORM\"", 10),
            ("SELECT FROM WHERE a", "syntax error at or near \"WHERE\"", 13),
        ] {
            let e = error(sql);
            assert_eq!((e.message(), e.position()), (message, Some(position)), "{sql}: {e:?}");
        }
        assert_eq!(error("SELCT 1").hint(), Some("Did you mean SELECT?"));
        assert_eq!(error("SELECT * FORM t").hint(), Some("Did you mean FROM?"));
    }
}
