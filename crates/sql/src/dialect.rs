//! sqlparser's PostgreSQL dialect with bounded work. Its parser goes back and tries again where it guessed wrong, also inside of such tries, so the
//! work can double with each level: twenty nested calls, or thirty nested CASTs with a mistake inside, would keep it busy for hours. Here a named
//! argument is recognised by its first token alone, and the attempts are counted. The same hook counts the levels, also
//! where the parser comes back past its own counter, as in `INTERVAL INTERVAL …`.

use crate::complexity::MAX_NESTING;
use sqlparser::ast::Expr;
use sqlparser::dialect::{Dialect, PostgreSqlDialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use std::any::{Any, TypeId};
use std::cell::Cell;

/// Attempts at an expression for each token. Statements that people write need two or three.
const ATTEMPTS_PER_TOKEN: usize = 10;

/// PostgreSQL's dialect for one statement.
#[derive(Debug)]
pub(crate) struct Bounded {
    /// How many are left.
    attempts: Cell<usize>,
    /// Prefixes inside of prefixes now.
    depth: Cell<usize>,
    /// Whether the next call of the hook is the parser's answer to the hook itself.
    entered: Cell<bool>,
}

impl Bounded {
    /// For a statement of so many tokens.
    pub(crate) fn new(tokens: usize) -> Self {
        Bounded {
            attempts: Cell::new(1_000 + ATTEMPTS_PER_TOKEN * tokens),
            depth: Cell::new(0),
            entered: Cell::new(false),
        }
    }
}

/// Answers as PostgreSQL's dialect does.
macro_rules! same {
    ($($name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {
        $(fn $name(&self, $($arg: $type),*) -> $out { PostgreSqlDialect {}.$name($($arg),*) })*
    };
}

impl Dialect for Bounded {
    fn dialect(&self) -> TypeId {
        PostgreSqlDialect {}.type_id()
    }

    fn parse_prefix(&self, parser: &mut Parser<'_>) -> Option<Result<Expr, ParserError>> {
        if self.entered.replace(false) {
            return None;
        }
        let (attempts, depth) = (self.attempts.get(), self.depth.get());
        if attempts == 0 || depth >= MAX_NESTING {
            // Once too deep, always too deep: else the parser would take it for a wrong guess, go back and try the rest.
            self.attempts.set(0);
            return Some(Err(ParserError::RecursionLimitExceeded));
        }
        self.attempts.set(attempts - 1);
        self.depth.set(depth + 1);
        self.entered.set(true);
        let parsed = parser.parse_prefix();
        self.depth.set(depth);
        Some(parsed)
    }

    /// sqlparser takes all that follows for the right operand of IS DISTINCT FROM, also AND and OR.
    fn parse_infix(&self, parser: &mut Parser<'_>, left: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
        let make = if parser.parse_keywords(&[Keyword::IS, Keyword::DISTINCT, Keyword::FROM]) {
            Expr::IsDistinctFrom
        } else if parser.parse_keywords(&[Keyword::IS, Keyword::NOT, Keyword::DISTINCT, Keyword::FROM]) {
            Expr::IsNotDistinctFrom
        } else {
            return None;
        };
        Some(parser.parse_subexpr(precedence).map(|right| make(Box::new(left.clone()), Box::new(right))))
    }

    /// With names that are any expression each argument would be read twice. An identifier or a string suffices for `name => value`.
    fn supports_named_fn_args_with_expr_name(&self) -> bool {
        false
    }

    /// PostgreSQL has no `* AS x`, and with it `SELECT * FORM t` would be understood as far as `t`.
    fn supports_select_wildcard_with_alias(&self) -> bool {
        false
    }

    same! {
        identifier_quote_style(identifier: &str) -> Option<char>;
        is_delimited_identifier_start(ch: char) -> bool;
        is_identifier_start(ch: char) -> bool;
        is_identifier_part(ch: char) -> bool;
        is_custom_operator_part(ch: char) -> bool;
        is_reserved_for_identifier(kw: Keyword) -> bool;
        get_next_precedence(parser: &Parser<'_>) -> Option<Result<u8, ParserError>>;
        prec_value(prec: Precedence) -> u8;
        supports_unicode_string_literal() -> bool;
        supports_filter_during_aggregation() -> bool;
        supports_group_by_expr() -> bool;
        allow_extract_custom() -> bool;
        allow_extract_single_quotes() -> bool;
        supports_create_index_with_clause() -> bool;
        supports_explain_with_utility_options() -> bool;
        supports_listen_notify() -> bool;
        supports_factorial_operator() -> bool;
        supports_bitwise_shift_operators() -> bool;
        supports_comment_on() -> bool;
        supports_load_extension() -> bool;
        supports_named_fn_args_with_colon_operator() -> bool;
        supports_empty_projections() -> bool;
        supports_nested_comments() -> bool;
        supports_string_escape_constant() -> bool;
        supports_numeric_literal_underscores() -> bool;
        supports_array_typedef_with_brackets() -> bool;
        supports_geometric_types() -> bool;
        supports_set_names() -> bool;
        supports_alter_column_type_using() -> bool;
        supports_notnull_operator() -> bool;
        supports_interval_options() -> bool;
        supports_insert_table_alias() -> bool;
        supports_create_table_like_parenthesized() -> bool;
        supports_comma_separated_trim() -> bool;
        supports_xml_expressions() -> bool;
        supports_comment_optimizer_hint() -> bool;
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounded, Parser};
    use crate::parse;
    use crate::stmt::check::kind;

    #[test]
    fn named_arguments_are_read() {
        for sql in ["SELECT f(a => 1, 2)", "SELECT make_interval(days => 10)", "SELECT json_object('a' : 1)"] {
            assert_eq!(kind(sql).to_string(), sql);
        }
    }

    #[test]
    fn is_distinct_from_binds_closer_than_and() {
        use sqlparser::ast::{BinaryOperator, Expr, SelectItem, SetExpr, Statement};
        for (sql, expected) in [
            ("SELECT a IS DISTINCT FROM b AND c", BinaryOperator::And),
            ("SELECT x AND a IS NOT DISTINCT FROM b OR c", BinaryOperator::Or),
        ] {
            let parsed = Parser::parse_sql(&Bounded::new(100), sql).expect("a query").remove(0);
            let Statement::Query(query) = parsed else { panic!("{sql}") };
            let SetExpr::Select(select) = *query.body else { panic!("{sql}") };
            let SelectItem::UnnamedExpr(Expr::BinaryOp { op, .. }) = &select.projection[0] else { panic!("{sql}") };
            assert_eq!(*op, expected, "{sql}");
        }
    }

    #[test]
    fn nesting_does_not_multiply_the_work() {
        let nested = format!("SELECT {}a{}", "replace(".repeat(100), ", 'x', 'y')".repeat(100));
        assert_eq!(parse(&nested).expect("nested calls").len(), 1);
        for wrong in [
            "CAST(",
            "NOT (",
            "ROW(",
            "f(g => ",
            "EXTRACT(a FROM ",
            "EXISTS (SELECT ",
            "CASE WHEN ",
            "a IN (SELECT ",
            "a = ANY (",
        ] {
            assert!(parse(&format!("SELECT {}1 1", wrong.repeat(100))).is_err());
        }
    }
}
