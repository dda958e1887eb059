//! What a query may not say, as far as its syntax alone tells.

use super::super::names::{column_name, displayed, folded};
use sqlparser::ast::{Expr, OrderByKind, Query, SelectItem, SetExpr, Visit, Visitor};
use std::ops::ControlFlow;

/// A name in ORDER BY that several columns of the SELECT have, unless they are the same.
pub(super) fn ambiguous_order(query: &Query) -> Option<String> {
    let Some(OrderByKind::Expressions(order)) = query.order_by.as_ref().map(|o| &o.kind) else { return None };
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let columns: Vec<(String, &Expr)> = select
        .projection
        .iter()
        .filter_map(|item| match item {
            SelectItem::UnnamedExpr(expr) => Some((column_name(expr), expr)),
            SelectItem::ExprWithAlias { expr, alias } => Some((displayed(&folded(alias)).to_owned(), expr)),
            _ => None,
        })
        .collect();
    order.iter().find_map(|order| {
        let Expr::Identifier(ident) = &order.expr else { return None };
        let name = folded(ident);
        let mut meant = columns.iter().filter(|(column, _)| *column == name).map(|(_, expr)| expr);
        let first = meant.next()?;
        meant.any(|other| other != first).then_some(name)
    })
}

/// Whether a window function is called in it, not counting its subqueries.
pub(super) fn calls_a_window(expr: &Expr) -> bool {
    struct Windows {
        depth: usize,
    }
    impl Visitor for Windows {
        type Break = ();
        fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            self.depth += 1;
            ControlFlow::Continue(())
        }
        fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            self.depth -= 1;
            ControlFlow::Continue(())
        }
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            match expr {
                Expr::Function(function) if self.depth == 0 && function.over.is_some() => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    Visit::visit(expr, &mut Windows { depth: 0 }).is_break()
}
