//! Makes a plan mean what PostgreSQL means, wherever it runs later: the types of literals, the overflow of integers, the types of sums and averages,
//! dates, casts. Afterwards each node says explicitly what it computes, so that DataFusion and DuckDB can only agree.
//!
//! Two doors, because DataFusion checks types while it plans: [`PostgresOperators`] rewrites operators as they are parsed, [`apply`] everything else in
//! the finished plan, before DataFusion's own type coercion.

mod aggregate;
mod expression;
mod guard;
mod json;
mod operand;
mod operator;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Union, cast};
use std::sync::Arc;

pub use operator::PostgresOperators;

/// Rewrites the plan of a statement.
pub fn apply(plan: LogicalPlan) -> Result<LogicalPlan> {
    Ok(plan.transform_up_with_subqueries(|node| rewrite_node(node).map(Transformed::yes))?.data)
}

fn rewrite_node(node: LogicalPlan) -> Result<LogicalPlan> {
    match node {
        // LIMIT and OFFSET are numbers of rows, not values.
        LogicalPlan::Limit(_) => node.recompute_schema(),
        LogicalPlan::Values(values) => {
            let empty = DFSchema::empty();
            let rows = values
                .values
                .into_iter()
                .map(|row| {
                    row.into_iter().map(|e| Ok(expression::rewrite(e, &empty)?.data)).collect::<Result<Vec<_>>>()
                })
                .collect::<Result<Vec<_>>>()?;
            LogicalPlanBuilder::values(rows)?.build()
        }
        node => {
            let schema = merge_schema(&node.inputs());
            let names = NamePreserver::new(&node);
            let place = match node {
                LogicalPlan::Filter(_) | LogicalPlan::Join(_) => guard::Place::Condition,
                _ => guard::Place::Value,
            };
            let node = node
                .map_expressions(|expr| {
                    let name = names.save(&expr);
                    let rewritten = expression::rewrite(expr, &schema)?;
                    let rewritten = Transformed::yes(guard::guard(rewritten.data, place, &schema)?);
                    Ok(rewritten.update_data(|e| name.restore(e)))
                })?
                .data;
            match node {
                LogicalPlan::Union(node) => union(node),
                LogicalPlan::Aggregate(node) => aggregate::rewrite_aggregate(node),
                LogicalPlan::Window(node) => aggregate::rewrite_window(node),
                node => node.recompute_schema(),
            }
        }
    }
}

/// Gives dates and moments that stand in one column one type, which DataFusion would choose otherwise.
fn union(union: Union) -> Result<LogicalPlan> {
    let mut inputs = union.inputs.clone();
    for column in 0..union.schema.fields().len() {
        let types: Vec<_> = inputs.iter().map(|i| i.schema().field(column).data_type().clone()).collect();
        let Some(common) = operand::common_moment(types.iter()) else { continue };
        for (input, data_type) in inputs.iter_mut().zip(&types) {
            if *data_type != common {
                *input = Arc::new(with_type(input, column, &common)?);
            }
        }
    }
    LogicalPlan::Union(Union { inputs, schema: union.schema }).recompute_schema()
}

/// The plan with one of its columns cast.
fn with_type(plan: &LogicalPlan, column: usize, to: &DataType) -> Result<LogicalPlan> {
    let expressions = plan.schema().columns().into_iter().enumerate().map(|(i, c)| {
        let name = c.name.clone();
        if i == column { cast(Expr::Column(c), to.clone()).alias(name) } else { Expr::Column(c) }
    });
    LogicalPlanBuilder::from(plan.clone()).project(expressions.collect::<Vec<_>>())?.build()
}
