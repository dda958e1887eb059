//! What may leave the gateway, as far as all dialects agree; the rest is asked of [`Words`]. Each refusal has a reason that EXPLAIN shows.

use super::Words;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ExprSchema, NullEquality};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Distinct, Expr, JoinType, LogicalPlan};
use weft_core::relation::OPERATIONS_KEY;

/// Why an operator or expression stays in the gateway.
pub type Refusal = String;

/// What may be done about a statement that its place refuses although PostgreSQL would answer it: in DuckDB a product of two numerics of up to 18
/// digits must fit 18 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No row leaves before all are computed, so that the gateway can compute the answer itself instead.
    CanStartOver,
    /// Rows may have been sent: it must not fail.
    IsFinal,
}

/// Whether the operator itself means the same there; its inputs and subqueries are asked about by themselves.
pub fn operator(words: &dyn Words, node: &LogicalPlan, failure: Failure) -> Result<(), Refusal> {
    let refuse = |what: &str| Err(format!("{what} runs in the gateway"));
    match node {
        LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Union(_)
        | LogicalPlan::Window(_) => {}
        LogicalPlan::Aggregate(aggregate) => {
            if aggregate.group_expr.iter().any(|e| matches!(e, Expr::GroupingSet(_))) {
                return refuse("a grouping set");
            }
            // A constant key would be read as the number of a column.
            if aggregate.group_expr.iter().any(|e| e.column_refs().is_empty()) {
                return refuse("grouping by a constant");
            }
        }
        LogicalPlan::Distinct(Distinct::All(input)) => {
            if let Some(field) = input.schema().fields().iter().find(|f| f.metadata().contains_key(OPERATIONS_KEY)) {
                return Err(only_returned(field.name()));
            }
        }
        LogicalPlan::Limit(limit) => {
            let plain = |e: &Option<Box<Expr>>| e.as_ref().is_none_or(|e| matches!(**e, Expr::Literal(..)));
            if !plain(&limit.skip) || !plain(&limit.fetch) {
                return refuse("a computed LIMIT");
            }
            return words.operator(node);
        }
        LogicalPlan::Join(join) => {
            if join.null_equality != NullEquality::NullEqualsNothing
                || !matches!(join.join_type, JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full)
            {
                return refuse("this kind of join");
            }
        }
        other => return refuse(&other.display().to_string()),
    }
    words.operator(node)?;
    let schema = merge_schema(&node.inputs());
    let passes_columns_on = matches!(node, LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_));
    for expr in node.expressions() {
        if !(passes_columns_on && is_plain_column(&expr)) {
            condition(words, &expr, &schema, failure)?;
        }
    }
    Ok(())
}

/// Whether the place's answer to the whole expression is PostgreSQL's.
pub fn condition(words: &dyn Words, expr: &Expr, schema: &DFSchema, failure: Failure) -> Result<(), Refusal> {
    let mut refusal = None;
    let walked = expr.apply(|e| {
        if only_asks_for_null(e) {
            return Ok(TreeNodeRecursion::Jump);
        }
        Ok(match node(words, e, schema, failure) {
            Ok(()) => TreeNodeRecursion::Continue,
            Err(reason) => {
                refusal = Some(reason);
                TreeNodeRecursion::Stop
            }
        })
    });
    match (refusal, walked) {
        (Some(reason), _) => Err(reason),
        (None, Err(e)) => Err(e.to_string()),
        (None, Ok(_)) => Ok(()),
    }
}

fn node(words: &dyn Words, expr: &Expr, schema: &DFSchema, failure: Failure) -> Result<(), Refusal> {
    match expr {
        Expr::Column(column) => match is_only_returned(column, schema) {
            true => Err(only_returned(&column.name)),
            false => Ok(()),
        },
        Expr::OuterReferenceColumn(field, column) => match field.metadata().contains_key(OPERATIONS_KEY) {
            true => Err(only_returned(&column.name)),
            false => Ok(()),
        },
        Expr::Alias(_)
        | Expr::Not(_)
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsNotUnknown(_)
        | Expr::Case(_)
        | Expr::Exists(_)
        | Expr::ScalarSubquery(_)
        // Its value is asked about when it is known.
        | Expr::Placeholder(_) => Ok(()),
        other => words.expression(other, schema, failure),
    }
}

fn is_only_returned(column: &Column, schema: &DFSchema) -> bool {
    // A column that is not there is found out where the statement is written.
    schema.field_from_column(column).is_ok_and(|f| f.metadata().contains_key(OPERATIONS_KEY))
}

fn only_returned(column: &str) -> Refusal {
    format!("the source compares column {column} otherwise than PostgreSQL, or its type is not Weft's")
}

/// `c IS NULL` and `count(c)` of a bare column do not look at its values.
fn only_asks_for_null(expr: &Expr) -> bool {
    match expr {
        Expr::IsNull(inner) | Expr::IsNotNull(inner) => is_plain_column(inner),
        Expr::AggregateFunction(AggregateFunction { func, params }) => {
            func.name() == "count"
                && !params.distinct
                && params.filter.is_none()
                && params.order_by.is_empty()
                && matches!(params.args.as_slice(), [only] if is_plain_column(only))
        }
        _ => false,
    }
}

/// A column, perhaps by another name.
pub(super) fn is_plain_column(expr: &Expr) -> bool {
    match expr {
        Expr::Column(_) => true,
        Expr::Alias(alias) => is_plain_column(&alias.expr),
        _ => false,
    }
}
