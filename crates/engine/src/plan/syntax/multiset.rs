//! `INTERSECT ALL` and `EXCEPT ALL`: each row is given its number among its equals, which makes rows different that were equal; then the plain operations
//! count right. DataFusion's own let a row stay as often as the left side has it.

use super::super::normalise::{call, query_of, select_from};
use crate::function::typed::OCCURRENCE;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, Result};
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::expr::WindowFunctionParams;
use datafusion::logical_expr::{Expr as Planned, LogicalPlan, LogicalPlanBuilder, Projection};
use sqlparser::ast::{
    ExceptSelectItem, Ident, SelectItem, SetExpr, SetOperator, SetQuantifier, WildcardAdditionalOptions,
};

/// `SELECT * EXCEPT (n) FROM (SELECT *, n FROM (left) EXCEPT SELECT *, n FROM (right))`
pub(super) fn rewrite(op: SetOperator, left: SetExpr, right: SetExpr) -> SetExpr {
    let operation = SetExpr::SetOperation {
        op,
        set_quantifier: SetQuantifier::None,
        left: Box::new(numbered(left)),
        right: Box::new(numbered(right)),
    };
    let except = ExceptSelectItem { first_element: Ident::new(OCCURRENCE), additional_elements: Vec::new() };
    let all_but = WildcardAdditionalOptions { opt_except: Some(except), ..WildcardAdditionalOptions::default() };
    star(operation, vec![SelectItem::Wildcard(all_but)])
}

fn numbered(arm: SetExpr) -> SetExpr {
    let number = SelectItem::ExprWithAlias { expr: call(OCCURRENCE, Vec::new()), alias: Ident::new(OCCURRENCE) };
    star(arm, vec![SelectItem::Wildcard(WildcardAdditionalOptions::default()), number])
}

fn star(from: SetExpr, items: Vec<SelectItem>) -> SetExpr {
    let inner = match from {
        SetExpr::Query(query) => *query,
        body => query_of(body),
    };
    let mut outer = select_from(Vec::new(), inner, "weft_rows", Vec::new());
    if let SetExpr::Select(select) = outer.body.as_mut() {
        select.projection = items;
    }
    *outer.body
}

/// Puts the numbers in place of their marks.
pub(in crate::plan) fn number(plan: LogicalPlan) -> Result<LogicalPlan> {
    let numbered = plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::Projection(projection) if projection.expr.iter().any(is_mark) => {
            numbered_projection(projection).map(Transformed::yes)
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(numbered.data)
}

fn is_mark(expr: &Planned) -> bool {
    match expr {
        Planned::Alias(alias) => is_mark(&alias.expr),
        Planned::ScalarFunction(function) => function.func.name() == OCCURRENCE,
        _ => false,
    }
}

fn numbered_projection(projection: Projection) -> Result<LogicalPlan> {
    let columns: Vec<Planned> = projection.expr.into_iter().filter(|expr| !is_mark(expr)).collect();
    let plan = LogicalPlanBuilder::from(projection.input).project(columns)?.build()?;
    let columns: Vec<Planned> = plan.schema().columns().into_iter().map(Planned::Column).collect();
    let mut number = row_number();
    if let Planned::WindowFunction(window) = &mut number {
        let WindowFunctionParams { partition_by, .. } = &mut window.params;
        partition_by.clone_from(&columns);
    }
    let mut all = columns;
    all.push(Planned::Column(Column::new_unqualified(OCCURRENCE)));
    LogicalPlanBuilder::from(plan).window(vec![number.alias(OCCURRENCE)])?.project(all)?.build()
}
