//! `sum(a::int), sum(a::text)`: DataFusion's names of columns leave casts out, so that it would take both for one column. Where a SELECT has such a pair,
//! its casts are wrapped in a call that says the type, and that `plan::semantics` takes off again.

use super::{call, take};
use crate::function::typed;
use sqlparser::ast::{
    CastKind, DataType, Expr, GroupByExpr, OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, Value, Visit,
    VisitMut, Visitor, VisitorMut,
};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Makes such casts of the query's SELECTs different.
pub(super) fn tell_apart(query: &mut Query) {
    let mut order = match query.order_by.as_mut().map(|o| &mut o.kind) {
        Some(OrderByKind::Expressions(order)) => Some(order),
        _ => None,
    };
    body(&mut query.body, &mut order);
}

fn body(body: &mut SetExpr, order: &mut Option<&mut Vec<OrderByExpr>>) {
    match body {
        SetExpr::SetOperation { left, right, .. } => {
            self::body(left, &mut None);
            self::body(right, &mut None);
        }
        SetExpr::Select(one) => select(one, order),
        _ => {}
    }
}

fn select(select: &mut Select, order: &mut Option<&mut Vec<OrderByExpr>>) {
    let mut seen = Seen::default();
    for item in &select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            seen.calls(expr);
        }
    }
    select.having.iter().for_each(|having| seen.calls(having));
    order.iter().flat_map(|order| order.iter()).for_each(|order| seen.calls(&order.expr));
    let keys = match &select.group_by {
        GroupByExpr::Expressions(keys, _) => keys.as_slice(),
        GroupByExpr::All(_) => &[],
    };
    keys.iter().for_each(|key| seen.one(key));
    if !seen.conflict {
        return;
    }
    let _: ControlFlow<()> = VisitMut::visit(&mut select.projection, &mut Wrap);
    let _: ControlFlow<()> = VisitMut::visit(&mut select.having, &mut Wrap);
    let _: ControlFlow<()> = VisitMut::visit(&mut select.group_by, &mut Wrap);
    if let Some(order) = order {
        let _: ControlFlow<()> = VisitMut::visit(*order, &mut Wrap);
    }
}

/// Texts without their casts, and with them.
#[derive(Default)]
struct Seen {
    texts: HashMap<String, String>,
    conflict: bool,
}

impl Seen {
    fn one(&mut self, expr: &Expr) {
        let whole = expr.to_string();
        if !whole.contains("::") && !whole.contains("CAST") {
            self.note(whole.clone(), whole);
            return;
        }
        let mut bare = expr.clone();
        let _: ControlFlow<()> = VisitMut::visit(&mut bare, &mut Strip);
        self.note(bare.to_string(), whole);
    }

    fn note(&mut self, bare: String, whole: String) {
        let known = self.texts.entry(bare).or_insert_with(|| whole.clone());
        self.conflict |= *known != whole;
    }

    /// Every call in an expression.
    fn calls(&mut self, expr: &Expr) {
        let _: ControlFlow<()> = expr.visit(self);
    }
}

impl Visitor for Seen {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if matches!(expr, Expr::Function(_)) {
            self.one(expr);
        }
        ControlFlow::Continue(())
    }
}

struct Strip;

impl VisitorMut for Strip {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        while let Expr::Cast { expr: inner, .. } | Expr::Nested(inner) = expr {
            let inner = take(inner);
            *expr = inner;
        }
        ControlFlow::Continue(())
    }
}

/// Wraps casts, those inside first. Those of literals stay: functions want some of their arguments to be literals.
struct Wrap;

impl VisitorMut for Wrap {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr: inner, data_type, .. } = expr
            && !matches!(inner.as_ref(), Expr::Value(_))
        {
            let name = written(data_type);
            let cast = take(expr);
            *expr = call(typed::NAME, vec![cast, Expr::value(Value::SingleQuotedString(name))]);
        }
        ControlFlow::Continue(())
    }
}

fn written(data_type: &DataType) -> String {
    data_type.to_string().to_lowercase()
}
