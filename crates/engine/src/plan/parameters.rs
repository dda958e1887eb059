//! Parameters of prepared statements become literals that say their type: `$1` of type bigint with the value 5 is `CAST(5 AS BIGINT)`, so that no later
//! room takes it for an `integer`.

use crate::error::classify;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan, cast};
use weft_core::{Error, ErrorKind, Result};

/// The plan with these values for `$1`, `$2`, ….
pub fn replace(plan: LogicalPlan, values: &[ScalarValue]) -> Result<LogicalPlan> {
    let replaced = plan.transform_up_with_subqueries(|node| {
        let names = NamePreserver::new(&node);
        let bare = matches!(node, LogicalPlan::Limit(_));
        let node = node
            .map_expressions(|expr| {
                let name = names.save(&expr);
                let expr = expr.transform_up(|e| match e {
                    Expr::Placeholder(placeholder) => {
                        let value = lookup(&placeholder.id, values).map_err(crate::function::raise)?;
                        Ok(Transformed::yes(if bare { row_count(value) } else { literal(value) }))
                    }
                    other => Ok(Transformed::no(other)),
                })?;
                Ok(expr.update_data(|e| name.restore(e)))
            })?
            .data;
        Ok(Transformed::yes(node.recompute_schema()?))
    });
    Ok(replaced.map_err(classify)?.data)
}

fn lookup<'v>(id: &str, values: &'v [ScalarValue]) -> Result<&'v ScalarValue> {
    let number: Option<usize> = id.trim_start_matches('$').parse().ok();
    number
        .and_then(|n| values.get(n.checked_sub(1)?))
        .ok_or_else(|| Error::new(ErrorKind::UndefinedParameter, format!("there is no parameter {id}")))
}

/// LIMIT and OFFSET take plain bigints.
fn row_count(value: &ScalarValue) -> Expr {
    let count = value.cast_to(&DataType::Int64).unwrap_or(ScalarValue::Int64(None));
    Expr::Literal(count, None)
}

fn literal(value: &ScalarValue) -> Expr {
    let plain = Expr::Literal(value.clone(), None);
    match value {
        ScalarValue::Int16(Some(v)) => {
            cast(Expr::Literal(ScalarValue::Int32(Some(i32::from(*v))), None), DataType::Int16)
        }
        ScalarValue::Int64(Some(v)) => match i32::try_from(*v) {
            Ok(small) => cast(Expr::Literal(ScalarValue::Int32(Some(small)), None), DataType::Int64),
            Err(_) => plain,
        },
        value if value.is_null() => cast(Expr::Literal(ScalarValue::Null, None), value.data_type()),
        _ => plain,
    }
}
