//! `x >= ALL (SELECT …)`, `x < ANY (SELECT …)`, `(x, y) IN (SELECT …)`, in terms of what DataFusion runs: the extremes of the answers, and EXISTS. A NULL
//! among them makes the answer NULL where nothing else decides it. Source: PostgreSQL's manual, chapter 9.24.

use super::super::normalise::{call, select_from};
use super::{cast, join, nested};
use sqlparser::ast::{BinaryOperator, DataType, Expr, Ident, Query, SetExpr, UnaryOperator, Value};

/// Stands before the number of a column of the subquery.
const VALUE: &str = "weft_value";

/// `x op ALL (SELECT …)`; nothing for operators that have no order.
pub(super) fn all(left: &Expr, op: &BinaryOperator, query: &Query) -> Option<Expr> {
    if matches!(left, Expr::Tuple(_)) {
        return None;
    }
    let extreme = |function: &str, op: BinaryOperator| {
        let extreme = scalar(call(function, vec![value(0)]), query);
        nested(join(nested(left.clone()), op, extreme))
    };
    let holds = match op {
        BinaryOperator::Gt | BinaryOperator::GtEq => extreme("max", op.clone()),
        BinaryOperator::Lt | BinaryOperator::LtEq => extreme("min", op.clone()),
        BinaryOperator::Eq => join(extreme("min", op.clone()), BinaryOperator::And, extreme("max", op.clone())),
        BinaryOperator::NotEq => {
            return Some(Expr::InSubquery {
                expr: Box::new(left.clone()),
                subquery: Box::new(query.clone()),
                negated: true,
            });
        }
        _ => return None,
    };
    let none = is_zero(scalar(count(None), query));
    let known =
        is_zero(nested(join(scalar(count(None), query), BinaryOperator::Minus, scalar(count(Some(value(0))), query))));
    let certain = nested(join(known, BinaryOperator::Or, unknown()));
    let holds = nested(join(nested(holds), BinaryOperator::And, certain));
    Some(nested(join(none, BinaryOperator::Or, holds)))
}

/// `x op ANY (SELECT …)`: not the opposite for all.
pub(super) fn any(left: &Expr, op: &BinaryOperator, query: &Query) -> Option<Expr> {
    if *op == BinaryOperator::Eq {
        let (expr, subquery) = (Box::new(left.clone()), Box::new(query.clone()));
        return Some(Expr::InSubquery { expr, subquery, negated: false });
    }
    let opposite = match op {
        BinaryOperator::Lt => BinaryOperator::GtEq,
        BinaryOperator::LtEq => BinaryOperator::Gt,
        BinaryOperator::Gt => BinaryOperator::LtEq,
        BinaryOperator::GtEq => BinaryOperator::Lt,
        BinaryOperator::NotEq => BinaryOperator::Eq,
        _ => return None,
    };
    Some(nested(not(all(left, &opposite, query)?)))
}

/// The conjuncts of WHERE that are `(x, y) IN (SELECT …)`: false and NULL are the same there, so that a plain EXISTS is enough.
pub(super) fn rows_in_where(selection: &mut Expr) {
    match selection {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            rows_in_where(left);
            rows_in_where(right);
        }
        Expr::Nested(inner) => rows_in_where(inner),
        Expr::InSubquery { expr: row, subquery, negated: false } => {
            if let Some(fields) = fields(row) {
                *selection = exists(equal(&fields), &fields, subquery);
            }
        }
        _ => {}
    }
}

/// `(x, y) IN (SELECT …)` anywhere else.
pub(super) fn row_in(row: &Expr, query: &Query, negated: bool) -> Option<Expr> {
    let fields = fields(row)?;
    let found = exists(equal(&fields), &fields, query);
    let perhaps = exists(Expr::IsNull(Box::new(nested(equal(&fields)))), &fields, query);
    let perhaps = nested(join(perhaps, BinaryOperator::And, unknown()));
    let within = nested(join(found, BinaryOperator::Or, perhaps));
    Some(if negated { not(within) } else { within })
}

fn fields(row: &Expr) -> Option<Vec<Expr>> {
    match row {
        Expr::Nested(inner) => fields(inner),
        Expr::Tuple(fields) if fields.len() > 1 => Some(fields.clone()),
        _ => None,
    }
}

fn equal(fields: &[Expr]) -> Expr {
    let each = fields.iter().enumerate().map(|(i, f)| join(value(i), BinaryOperator::Eq, nested(f.clone())));
    each.reduce(|l, r| join(l, BinaryOperator::And, r)).unwrap_or_else(unknown)
}

/// `EXISTS (SELECT 1 FROM (query) AS weft_rows (weft_value0, …) WHERE condition)`
fn exists(condition: Expr, fields: &[Expr], query: &Query) -> Expr {
    let names = (0..fields.len()).map(name).collect();
    let one = Expr::value(Value::Number("1".to_owned(), false));
    let mut subquery = select_from(vec![one], query.clone(), "weft_rows", names);
    if let SetExpr::Select(select) = subquery.body.as_mut() {
        select.selection = Some(condition);
    }
    Expr::Exists { subquery: Box::new(subquery), negated: false }
}

/// `(SELECT aggregate FROM (query) AS weft_rows (weft_value0))`
fn scalar(aggregate: Expr, query: &Query) -> Expr {
    Expr::Subquery(Box::new(select_from(vec![aggregate], query.clone(), "weft_rows", vec![name(0)])))
}

fn count(of: Option<Expr>) -> Expr {
    call("count", vec![of.unwrap_or_else(|| Expr::value(Value::Number("1".to_owned(), false)))])
}

fn name(number: usize) -> Ident {
    Ident::new(format!("{VALUE}{number}"))
}

fn value(number: usize) -> Expr {
    Expr::Identifier(name(number))
}

fn is_zero(number: Expr) -> Expr {
    nested(join(number, BinaryOperator::Eq, Expr::value(Value::Number("0".to_owned(), false))))
}

fn unknown() -> Expr {
    cast(Expr::value(Value::Null), DataType::Boolean)
}

fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) }
}
