//! What CASE and `array_agg` forget: that a number is an `oid`, or a text a `name`. Where all that they give is marked as one type, their column is
//! marked so too, and clients are told of that type.

use datafusion::common::metadata::FieldMetadata;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::{Alias, Case};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use std::collections::BTreeMap;
use weft_core::pgtype::PG_TYPE_KEY;

/// The aggregate whose items have a type of their own.
const ARRAY_AGG: &str = "array_agg";

/// The plan with such columns marked.
pub(super) fn kept(plan: LogicalPlan) -> Result<LogicalPlan> {
    let mut changed = false;
    let plan = plan.transform_up_with_subqueries(|node| {
        // The marks below are of this node's own columns too.
        let node = if changed { node.recompute_schema()? } else { node };
        if !matches!(node, LogicalPlan::Projection(_) | LogicalPlan::Aggregate(_)) {
            return Ok(Transformed::no(node));
        }
        let Some(schema) = node.inputs().first().map(|input| input.schema().clone()) else {
            return Ok(Transformed::no(node));
        };
        let marked = node.map_expressions(|expr| Ok(marked(expr, &schema)))?;
        changed |= marked.transformed;
        if !marked.transformed {
            return Ok(marked);
        }
        Ok(Transformed::yes(marked.data.recompute_schema()?))
    })?;
    Ok(plan.data)
}

fn marked(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    let inner = match &expr {
        Expr::Alias(Alias { expr, metadata: None, .. }) => expr.as_ref(),
        other => other,
    };
    let Some(mark) = forgotten(inner, schema) else { return Transformed::no(expr) };
    let (relation, name) = expr.qualified_name();
    let metadata = FieldMetadata::from(BTreeMap::from([(PG_TYPE_KEY.to_owned(), mark)]));
    let inner = match expr {
        Expr::Alias(alias) => *alias.expr,
        other => other,
    };
    Transformed::yes(inner.alias_qualified_with_metadata(relation, name, Some(metadata)))
}

/// The mark that the expression's values have and its type has not.
fn forgotten(expr: &Expr, schema: &DFSchema) -> Option<String> {
    match expr {
        Expr::Case(case) => of_case(case, schema),
        Expr::AggregateFunction(call) if call.func.name() == ARRAY_AGG => of(call.params.args.first()?, schema),
        _ => None,
    }
}

/// The one mark of all that it gives, NULL aside.
fn of_case(case: &Case, schema: &DFSchema) -> Option<String> {
    let given = case.when_then_expr.iter().map(|(_, then)| then.as_ref()).chain(case.else_expr.as_deref());
    let mut marks = given.filter(|e| !matches!(e, Expr::Literal(value, _) if value.is_null())).map(|e| of(e, schema));
    let first = marks.next()??;
    marks.all(|mark| mark.as_ref() == Some(&first)).then_some(first)
}

fn of(expr: &Expr, schema: &DFSchema) -> Option<String> {
    match expr {
        // Its field has the mark of what was cast, too.
        Expr::Cast(cast) => cast.field.metadata().get(PG_TYPE_KEY).cloned(),
        _ => forgotten(expr, schema).or_else(|| expr.to_field(schema).ok()?.1.metadata().get(PG_TYPE_KEY).cloned()),
    }
}
