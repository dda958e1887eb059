//! Arrays: `ARRAY(SELECT …)`, `'{1,2}'::int[]`, `= ANY (…)`, `LIKE ANY (ARRAY[…])`.

use super::{call, function_name, take};
use sqlparser::ast::{
    Array, ArrayElemTypeDef, BinaryOperator, DataType, Expr, Function, FunctionArgumentClause, FunctionArguments,
    GroupByExpr, Ident, OrderByExpr, OrderByKind, Query, SelectItem, SetExpr, UnaryOperator, Value, ValueWithSpan,
};

/// `ARRAY(SELECT e FROM … ORDER BY o)` → `weft_empty_if_null((SELECT array_agg(e ORDER BY o) FROM …))`
pub(super) fn subquery(expr: &mut Expr) {
    let Expr::Function(function) = expr else { return };
    if function_name(&function.name).as_deref() != Some("array") {
        return;
    }
    let FunctionArguments::Subquery(query) = &mut function.args else { return };
    let aggregated = match aggregate_in_place(query) {
        Some(query) => query,
        None => aggregate_outside((**query).clone()),
    };
    *expr = call("weft_empty_if_null", vec![Expr::Subquery(Box::new(aggregated))]);
}

/// The same SELECT with the aggregate in it, where it has no aggregates, limits and set operations of its own.
fn aggregate_in_place(query: &Query) -> Option<Query> {
    let mut query = query.clone();
    let SetExpr::Select(select) = query.body.as_mut() else { return None };
    let ungrouped = matches!(&select.group_by, GroupByExpr::Expressions(e, m) if e.is_empty() && m.is_empty());
    let plain = ungrouped
        && select.having.is_none()
        && select.distinct.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none();
    let [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] = select.projection.as_slice()
    else {
        return None;
    };
    let item = item.clone();
    if !plain || query.with.is_some() || calls_something(&item) {
        return None;
    }
    let alias = match &select.projection[0] {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.clone()),
        _ => None,
    };
    let order = match query.order_by.take().map(|o| o.kind) {
        Some(OrderByKind::Expressions(order)) => order,
        Some(_) => return None,
        None => Vec::new(),
    };
    let order = order.into_iter().map(|o| meant(o, &item, alias.as_ref())).collect();
    select.projection = vec![SelectItem::UnnamedExpr(array_agg(item, order))];
    Some(query)
}

/// `ORDER BY 1` and `ORDER BY alias` mean the item.
fn meant(mut order: OrderByExpr, item: &Expr, alias: Option<&Ident>) -> OrderByExpr {
    let is_item = match &order.expr {
        Expr::Value(ValueWithSpan { value: Value::Number(n, _), .. }) => n == "1",
        Expr::Identifier(name) => alias.is_some_and(|a| a.value == name.value),
        _ => false,
    };
    if is_item {
        order.expr = item.clone();
    }
    order
}

/// Whether there is a call in it, which might be of an aggregate.
fn calls_something(expr: &Expr) -> bool {
    use sqlparser::ast::{Visit, Visitor};
    use std::ops::ControlFlow;
    struct Calls;
    impl Visitor for Calls {
        type Break = ();
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            if matches!(expr, Expr::Function(_)) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    expr.visit(&mut Calls).is_break()
}

/// `SELECT array_agg(weft_item) FROM (…) AS weft_items (weft_item)`
fn aggregate_outside(query: Query) -> Query {
    let item = Ident::new("weft_item");
    let aggregate = array_agg(Expr::Identifier(item.clone()), Vec::new());
    super::relation::select_from(vec![aggregate], query, "weft_items", vec![item])
}

fn array_agg(item: Expr, order: Vec<OrderByExpr>) -> Expr {
    let mut expr = call("array_agg", vec![item]);
    if !order.is_empty()
        && let Expr::Function(Function { args: FunctionArguments::List(list), .. }) = &mut expr
    {
        list.clauses.push(FunctionArgumentClause::OrderBy(order));
    }
    expr
}

/// `'{a,b}'::text[]` → `ARRAY['a','b']::text[]`
pub(super) fn literal(inner: &mut Box<Expr>, data_type: &DataType) {
    if matches!(data_type, DataType::Array(_))
        && let Some(array) = array_of(inner)
    {
        **inner = array;
    }
}

/// `vector::regtype[]` → the names of its types. A column may be a vector, which is no array inside; as an array of `regtype` it is only ever shown.
pub(super) fn vector(inner: &mut Box<Expr>, data_type: &mut DataType) {
    let DataType::Array(ArrayElemTypeDef::SquareBracket(item, _)) = data_type else { return };
    let is_type =
        matches!(item.as_ref(), DataType::Custom(name, _) if name.to_string().eq_ignore_ascii_case("regtype"));
    if is_type && matches!(inner.as_ref(), Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
        let elements = call("weft_elements", vec![take(inner)]);
        **inner = call("weft_type_names", vec![elements]);
        *data_type = DataType::Array(ArrayElemTypeDef::SquareBracket(Box::new(DataType::Text), None));
    }
}

fn array_of(expr: &Expr) -> Option<Expr> {
    let Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) = expr else { return None };
    let items = weft_core::array::parse(text)?;
    let elem = items.into_iter().map(|item| Expr::value(item.map_or(Value::Null, Value::SingleQuotedString))).collect();
    Some(Expr::Array(Array { elem, named: true }))
}

/// DataFusion plans the elements of `ARRAY[…]` without the outer query's columns, those of a call with them.
pub(super) fn constructor(expr: &mut Expr) {
    if let Expr::Array(array) = expr
        && array.elem.iter().any(|e| matches!(e, Expr::Identifier(_) | Expr::CompoundIdentifier(_)))
    {
        *expr = call("make_array", std::mem::take(&mut array.elem));
    }
}

/// The right side of `op ANY (…)` as an array; `LIKE ANY` as a disjunction.
pub(super) fn any(expr: &mut Expr) {
    match expr {
        Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. }
            if matches!(right.as_ref(), Expr::Subquery(_)) =>
        {
            if let Expr::Subquery(subquery) = take(right) {
                *expr = Expr::InSubquery { expr: Box::new(take(left)), subquery, negated: false };
            }
        }
        Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right }
            if matches!(right.as_ref(), Expr::Subquery(_)) =>
        {
            if let Expr::Subquery(subquery) = take(right) {
                *expr = Expr::InSubquery { expr: Box::new(take(left)), subquery, negated: true };
            }
        }
        Expr::AnyOp { right, .. } | Expr::AllOp { right, .. } => {
            while let Expr::Nested(inner) = right.as_mut() {
                **right = take(inner);
            }
            match right.as_ref() {
                Expr::Identifier(_) | Expr::CompoundIdentifier(_) => **right = call("weft_elements", vec![take(right)]),
                other => {
                    if let Some(array) = array_of(other) {
                        **right = array;
                    }
                }
            }
        }
        Expr::Like { negated, expr: text, pattern, .. } => {
            let op = if *negated { BinaryOperator::PGNotLikeMatch } else { BinaryOperator::PGLikeMatch };
            if let Some(either) = either(text, op, pattern) {
                *expr = either;
            }
        }
        Expr::ILike { negated, expr: text, pattern, .. } => {
            let op = if *negated { BinaryOperator::PGNotILikeMatch } else { BinaryOperator::PGILikeMatch };
            if let Some(either) = either(text, op, pattern) {
                *expr = either;
            }
        }
        _ => {}
    }
}

fn either(text: &Expr, op: BinaryOperator, pattern: &Expr) -> Option<Expr> {
    let patterns = match pattern {
        Expr::Nested(inner) => return either(text, op, inner),
        Expr::Array(array) => array.elem.clone(),
        other => match array_of(other)? {
            Expr::Array(array) => array.elem,
            _ => return None,
        },
    };
    let one = |p: Expr| Expr::BinaryOp { left: Box::new(text.clone()), op: op.clone(), right: Box::new(p) };
    let all = patterns.into_iter().map(one).reduce(|l, r| Expr::BinaryOp {
        left: Box::new(l),
        op: BinaryOperator::Or,
        right: Box::new(r),
    });
    let never = || Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(Expr::value(Value::Boolean(true))) };
    Some(Expr::Nested(Box::new(all.unwrap_or_else(never))))
}
