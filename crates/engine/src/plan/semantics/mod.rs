//! Makes a plan mean what PostgreSQL means, wherever it runs later: the types of literals, the overflow of integers, the types of sums and averages,
//! dates, casts. Afterwards each node says explicitly what it computes, so that DataFusion and DuckDB can only agree.
//!
//! Two doors, because DataFusion checks types while it plans: [`PostgresOperators`] rewrites operators as they are parsed, [`apply`] everything else in
//! the finished plan, before DataFusion's own type coercion.

mod aggregate;
mod expression;
mod guard;
mod operand;
mod operator;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};

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
                LogicalPlan::Aggregate(node) => aggregate::rewrite_aggregate(node),
                LogicalPlan::Window(node) => aggregate::rewrite_window(node),
                node => node.recompute_schema(),
            }
        }
    }
}
