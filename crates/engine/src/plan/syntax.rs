//! Syntax of PostgreSQL that DataFusion reads otherwise than PostgreSQL means it, rewritten into what both mean; or refused, where it would answer wrongly.

mod lengths;
mod multiset;
mod quantified;
mod refuse;
mod similar;
mod tables;

pub(super) use multiset::number;

use super::normalise::call;
use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, DateTimeField, Expr, ExtractSyntax, Fetch, Function, FunctionArg,
    FunctionArgExpr, FunctionArguments, Ident, Interval, LimitClause, ObjectName, Query, Select, SelectItem, SetExpr,
    SetOperator, SetQuantifier, TimezoneInfo, UnaryOperator, Value, Values, VisitMut, VisitorMut,
};
use std::ops::ControlFlow;
use weft_core::{Error, ErrorKind, Result};

/// Decimal exponents that a numeric of 38 digits still holds.
const MAX_EXPONENT: i32 = 37;

/// Rewrites the query in place; 0A000 for what is not supported.
pub fn rewrite(query: &mut Query) -> Result<()> {
    match query.visit(&mut Rewriter) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Rewriter;

impl VisitorMut for Rewriter {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        if !query.locks.is_empty() {
            return ControlFlow::Break(Error::unsupported("FOR UPDATE or FOR SHARE"));
        }
        if let Some(LimitClause::LimitOffset { limit, offset, .. }) = &query.limit_clause {
            let negative = |e: &Expr| matches!(e, Expr::UnaryOp { op: sqlparser::ast::UnaryOperator::Minus, expr } if matches!(**expr, Expr::Value(_)));
            if limit.as_ref().is_some_and(negative) {
                return ControlFlow::Break(Error::new(ErrorKind::InvalidRowCountInLimit, "LIMIT must not be negative"));
            }
            if offset.as_ref().is_some_and(|o| negative(&o.value)) {
                return ControlFlow::Break(Error::new(
                    ErrorKind::InvalidRowCountInOffset,
                    "OFFSET must not be negative",
                ));
            }
        }
        if let Some(fetch) = query.fetch.take() {
            match fetch {
                Fetch { with_ties: false, percent: false, quantity } => {
                    let quantity = quantity.unwrap_or_else(|| Expr::value(Value::Number("1".to_owned(), false)));
                    query.limit_clause = Some(match query.limit_clause.take() {
                        Some(LimitClause::LimitOffset { offset, limit_by, .. }) => {
                            LimitClause::LimitOffset { limit: Some(quantity), offset, limit_by }
                        }
                        _ => LimitClause::LimitOffset { limit: Some(quantity), offset: None, limit_by: vec![] },
                    });
                }
                _ => return ControlFlow::Break(Error::unsupported("FETCH … WITH TIES or PERCENT")),
            }
        }
        set_operations(&mut query.body)
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        match refuse::ambiguous_order(query) {
            Some(name) => {
                let message = format!("ORDER BY \"{name}\" is ambiguous");
                ControlFlow::Break(Error::new(ErrorKind::AmbiguousColumn, message).about(&name))
            }
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        if let Some(selection) = &mut select.selection {
            quantified::rows_in_where(selection);
        }
        let clauses = [("WHERE", &select.selection), ("HAVING", &select.having)];
        if let Some((clause, _)) = clauses.iter().find(|(_, expr)| expr.as_ref().is_some_and(refuse::calls_a_window)) {
            let message = format!("window functions are not allowed in {clause}");
            return ControlFlow::Break(Error::new(ErrorKind::WindowingError, message));
        }
        match tables::repeated(select) {
            Some(name) => ControlFlow::Break(
                Error::new(ErrorKind::DuplicateAlias, format!("table name \"{name}\" specified more than once"))
                    .about(&name),
            ),
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        match expr {
            Expr::BinaryOp { left, op, right } => {
                if let (Expr::Tuple(a), Expr::Tuple(b)) = (left.as_ref(), right.as_ref())
                    && a.len() == b.len()
                    && let Some(better) = compare_rows(a, op, b)
                {
                    *expr = better;
                }
            }
            Expr::InList { expr: row, list, negated } => {
                if let Expr::Tuple(a) = row.as_ref() {
                    let each = list.iter().map(|item| match item {
                        Expr::Tuple(b) if b.len() == a.len() => compare_rows(a, &BinaryOperator::Eq, b),
                        _ => None,
                    });
                    if let Some(each) = each.collect::<Option<Vec<_>>>()
                        && let Some(any) = each.into_iter().reduce(|l, r| join(l, BinaryOperator::Or, r))
                    {
                        let any = Expr::Nested(Box::new(any));
                        *expr = if *negated {
                            Expr::UnaryOp { op: sqlparser::ast::UnaryOperator::Not, expr: Box::new(any) }
                        } else {
                            any
                        };
                    }
                }
            }
            Expr::Cast { kind: CastKind::DoubleColon | CastKind::Cast, expr: inner, data_type, .. } => {
                if let Some(better) = lengths::cast(inner, data_type) {
                    *expr = better;
                }
            }
            Expr::Interval(Interval { value, .. }) => {
                if let Expr::Value(literal) = value.as_mut()
                    && let Value::SingleQuotedString(text) = &mut literal.value
                    && let Some(spelled) = lengths::interval(text)
                {
                    *text = spelled;
                }
            }
            Expr::UnaryOp { op: UnaryOperator::PGAbs, expr: inner } => *expr = call("abs", vec![(**inner).clone()]),
            // All bits turned: -1 - x never overflows.
            Expr::UnaryOp { op: UnaryOperator::BitwiseNot, expr: inner } => {
                let ones = nested(Expr::UnaryOp {
                    op: UnaryOperator::Minus,
                    expr: Box::new(Expr::value(Value::Number("1".to_owned(), false))),
                });
                *expr = nested(join(ones, BinaryOperator::Minus, (**inner).clone()));
            }
            // `substring(s FROM 'pattern')`: the first group, or all of it.
            Expr::Substring { expr: text, substring_from: Some(pattern), substring_for: None, .. } if matches!(pattern.as_ref(), Expr::Value(v) if matches!(v.value, Value::SingleQuotedString(_))) =>
            {
                let found = call("regexp_match", vec![(**text).clone(), (**pattern).clone()]);
                let first = Expr::value(Value::Number("1".to_owned(), false));
                *expr = call("array_element", vec![found, first]);
            }
            Expr::Substring { substring_from, substring_for, .. } => {
                for number in [substring_from, substring_for].into_iter().flatten() {
                    // The function takes bigint alone.
                    if matches!(number.as_ref(), Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
                        **number = cast((**number).clone(), DataType::BigInt(None));
                    }
                }
            }
            Expr::Subquery(query) => {
                if let SetExpr::Select(select) = query.body.as_ref()
                    && select.projection.len() > 1
                {
                    let message = "subquery must return only one column";
                    return ControlFlow::Break(Error::new(ErrorKind::SyntaxError, message));
                }
            }
            Expr::AllOp { left, compare_op, right } => {
                if let Expr::Subquery(query) = right.as_ref() {
                    match quantified::all(left, compare_op, query) {
                        Some(better) => *expr = better,
                        None => return unsupported(format!("{compare_op} ALL (SELECT …)")),
                    }
                }
            }
            Expr::AnyOp { left, compare_op, right, .. } => {
                if let Expr::Subquery(query) = right.as_ref() {
                    match quantified::any(left, compare_op, query) {
                        Some(better) => *expr = better,
                        None => return unsupported(format!("{compare_op} ANY (SELECT …)")),
                    }
                }
            }
            Expr::InSubquery { expr: row, subquery, negated } => {
                if let Some(better) = quantified::row_in(row, subquery, *negated) {
                    *expr = better;
                }
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                *expr = call("timezone", vec![(**time_zone).clone(), (**timestamp).clone()]);
            }
            Expr::SimilarTo { negated, expr: text, pattern, escape_char: None } => match pattern.as_ref() {
                Expr::Value(value) if matches!(&value.value, Value::SingleQuotedString(_)) => {
                    let Value::SingleQuotedString(pattern) = &value.value else { return ControlFlow::Continue(()) };
                    let op = if *negated { BinaryOperator::PGRegexNotMatch } else { BinaryOperator::PGRegexMatch };
                    let regex = Expr::value(Value::SingleQuotedString(similar::regex(pattern)));
                    *expr = join((**text).clone(), op, regex);
                }
                _ => return ControlFlow::Break(Error::unsupported("SIMILAR TO with a computed pattern")),
            },
            Expr::SimilarTo { .. } => return ControlFlow::Break(Error::unsupported("SIMILAR TO … ESCAPE")),
            Expr::IsNull(row) if matches!(row.as_ref(), Expr::Tuple(_)) => {
                let Expr::Tuple(fields) = row.as_ref() else { return ControlFlow::Continue(()) };
                let all = fields
                    .iter()
                    .map(|f| Expr::IsNull(Box::new(f.clone())))
                    .reduce(|l, r| join(l, BinaryOperator::And, r));
                if let Some(all) = all {
                    *expr = nested(all);
                }
            }
            Expr::Value(value) => {
                if let Value::Number(text, _) = &value.value
                    && beyond_numeric(text)
                {
                    let literal = Expr::value(Value::SingleQuotedString(text.clone()));
                    *expr = cast(literal, DataType::Float8);
                }
            }
            Expr::Function(function) => {
                if let Some(better) = modulo(function).or_else(|| date_part(function)).or_else(|| local_clock(function))
                {
                    *expr = better;
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn unsupported(what: String) -> ControlFlow<Error> {
    ControlFlow::Break(Error::unsupported(what))
}

/// INTERSECT ALL and EXCEPT ALL are counted by `multiset`. The integers that a SELECT begins with are of type integer, so that a recursive query's two
/// parts agree.
fn set_operations(body: &mut SetExpr) -> ControlFlow<Error> {
    match body {
        SetExpr::SetOperation { op, set_quantifier, left, right } => {
            if *set_quantifier == SetQuantifier::All && matches!(op, SetOperator::Intersect | SetOperator::Except) {
                let empty = || {
                    Box::new(SetExpr::Values(Values { explicit_row: false, value_keyword: false, rows: Vec::new() }))
                };
                let (left, right) = (std::mem::replace(left, empty()), std::mem::replace(right, empty()));
                *body = multiset::rewrite(*op, *left, *right);
                return ControlFlow::Continue(());
            }
            set_operations(left)?;
            set_operations(right)
        }
        SetExpr::Select(select) => {
            for item in &mut select.projection {
                if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item
                    && is_integer(expr)
                {
                    *expr = cast(expr.clone(), DataType::Int4(None));
                }
            }
            ControlFlow::Continue(())
        }
        SetExpr::Values(values) => {
            for value in values.rows.iter_mut().flat_map(|row| row.content.iter_mut()) {
                if is_integer(value) {
                    *value = cast(value.clone(), DataType::Int4(None));
                }
            }
            ControlFlow::Continue(())
        }
        _ => ControlFlow::Continue(()),
    }
}

fn is_integer(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if matches!(&value.value, Value::Number(text, _) if text.parse::<i32>().is_ok()))
}

/// `1e308`, which is no numeric of 38 digits, is taken as a double.
fn beyond_numeric(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok()).is_some_and(|e| e.abs() > MAX_EXPONENT)
}

/// Rows compare as their fields do, NULLs included: `(a, b) < (c, d)` is `a < c OR (a = c AND b < d)`.
fn compare_rows(a: &[Expr], op: &BinaryOperator, b: &[Expr]) -> Option<Expr> {
    use BinaryOperator::*;
    let pairs = || a.iter().cloned().zip(b.iter().cloned());
    match op {
        Eq => pairs().map(|(x, y)| join(x, Eq, y)).reduce(|l, r| join(l, And, r)).map(nested),
        NotEq => pairs().map(|(x, y)| join(x, NotEq, y)).reduce(|l, r| join(l, Or, r)).map(nested),
        Lt | LtEq | Gt | GtEq => {
            let strict = if matches!(op, Lt | LtEq) { Lt } else { Gt };
            let mut pairs: Vec<_> = pairs().collect();
            let (x, y) = pairs.pop()?;
            let last = join(x, op.clone(), y);
            Some(nested(pairs.into_iter().rev().fold(last, |rest, (x, y)| {
                let equal = join(join(x.clone(), Eq, y.clone()), And, nested(rest));
                join(join(x, strict.clone(), y), Or, nested(equal))
            })))
        }
        _ => None,
    }
}

fn join(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

fn nested(expr: Expr) -> Expr {
    Expr::Nested(Box::new(expr))
}

fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

/// `date_part('year', x)` is EXTRACT as a double precision.
fn date_part(function: &Function) -> Option<Expr> {
    if function.name.to_string().to_lowercase() != "date_part" {
        return None;
    }
    let FunctionArguments::List(list) = &function.args else { return None };
    let [FunctionArg::Unnamed(FunctionArgExpr::Expr(unit)), FunctionArg::Unnamed(FunctionArgExpr::Expr(value))] =
        list.args.as_slice()
    else {
        return None;
    };
    let Expr::Value(unit) = unit else { return None };
    let Value::SingleQuotedString(unit) = &unit.value else { return None };
    let field = DateTimeField::Custom(Ident::new(unit.clone()));
    // Unlike EXTRACT it takes a date for a timestamp.
    let value = call("weft_moment", vec![value.clone()]);
    let extract = Expr::Extract { field, syntax: ExtractSyntax::From, expr: Box::new(value) };
    Some(cast(extract, DataType::Float8))
}

/// `LOCALTIMESTAMP` and `LOCALTIME`: what the clocks of the session's zone show now.
fn local_clock(function: &Function) -> Option<Expr> {
    if function.args != FunctionArguments::None {
        return None;
    }
    let shown = match function.name.to_string().to_lowercase().as_str() {
        "localtimestamp" => DataType::Timestamp(None, TimezoneInfo::None),
        "localtime" => DataType::Time(None, TimezoneInfo::None),
        _ => return None,
    };
    Some(cast(call("now", Vec::new()), shown))
}

/// `mod(a, b)` is `a % b`; `every(x)` is `bool_and(x)` by its other name.
fn modulo(function: &mut Function) -> Option<Expr> {
    let name = function.name.to_string().to_lowercase();
    if name == "every" {
        function.name = ObjectName::from(vec![Ident::new("bool_and")]);
    }
    let FunctionArguments::List(list) = &function.args else { return None };
    match (name.as_str(), list.args.as_slice()) {
        ("mod", [FunctionArg::Unnamed(FunctionArgExpr::Expr(a)), FunctionArg::Unnamed(FunctionArgExpr::Expr(b))]) => {
            Some(nested(join(nested(a.clone()), BinaryOperator::Modulo, nested(b.clone()))))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(sql: &str) -> String {
        let statement = weft_sql::parse(sql).expect("parsed").remove(0);
        let weft_sql::StatementKind::Query(mut query) = statement.kind else { panic!("a query") };
        match rewrite(&mut query) {
            Ok(()) => query.to_string(),
            Err(error) => error.message().to_owned(),
        }
    }

    #[test]
    fn rows_compare_by_their_fields() {
        assert_eq!(rewritten("SELECT a WHERE (a, b) = (1, 2)"), "SELECT a WHERE (a = 1 AND b = 2)");
        assert_eq!(rewritten("SELECT a WHERE (a, b) < (1, 2)"), "SELECT a WHERE (a < 1 OR (a = 1 AND (b < 2)))");
        assert_eq!(rewritten("SELECT a WHERE (a, b) NOT IN ((1, 2))"), "SELECT a WHERE NOT ((a = 1 AND b = 2))");
    }

    #[test]
    fn what_is_answered_wrongly_is_refused() {
        assert_eq!(rewritten("SELECT a FROM t FOR UPDATE"), "FOR UPDATE or FOR SHARE is not supported");
        assert_eq!(rewritten("SELECT a FROM t FETCH FIRST 2 ROWS ONLY"), "SELECT a FROM t LIMIT 2");
        assert_eq!(rewritten("SELECT mod(a, 3), s::varchar(2)"), "SELECT ((a) % (3)), \"left\"(CAST(s AS TEXT), 2)");
    }
}
