//! The types of parameters that DataFusion leaves open: `$1::int` takes what it is cast to, `x = ANY ($1)` an array of what x is. Source: PostgreSQL's
//! `parse_param.c` and `parse_oper.c`.

use crate::error::classify;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use std::collections::HashMap;
use weft_core::Result;
use weft_core::pgtype::ColumnType;

/// DataFusion's name of `= ANY`: the array is its first argument.
const ANY: &str = "array_has";

/// By their names, `$1` and so on. The first place that tells decides.
pub(super) fn inferred(plan: &LogicalPlan) -> Result<HashMap<String, ColumnType>> {
    let mut found = HashMap::new();
    plan.apply_with_subqueries(|node| {
        let schema = merge_schema(&node.inputs());
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Some((id, column_type)) = told(expr, &schema) {
                    found.entry(id.to_owned()).or_insert(column_type);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })
    .map_err(classify)?;
    Ok(found)
}

/// The parameter whose type this expression tells.
fn told<'a>(expr: &'a Expr, schema: &DFSchema) -> Option<(&'a str, ColumnType)> {
    match expr {
        Expr::Cast(cast) => Some((open(&cast.expr)?, ColumnType::of_field(&cast.field))),
        Expr::ScalarFunction(call) if call.name() == ANY => {
            let [array, item] = call.args.as_slice() else { return None };
            let id = open(array)?;
            match ColumnType::of_field(&item.to_field(schema).ok()?.1) {
                ColumnType::Scalar(item) if item.array_oid != 0 => Some((id, ColumnType::Array(item))),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A parameter without a type.
fn open(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Placeholder(Placeholder { id, field: None }) => Some(id),
        _ => None,
    }
}
