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
    let value = |id: &str| index(id).and_then(|i| values.get(i));
    replaced(plan, |id, stands| {
        value(id).map(|value| match stands {
            Stands::AsCount => row_count(value),
            Stands::AsValue => literal(value),
        })
    })
}

/// The plan with something else for each parameter.
pub fn replace_by(plan: LogicalPlan, parameter: impl Fn(&str) -> Option<Expr>) -> Result<LogicalPlan> {
    replaced(plan, |id, _| parameter(id))
}

/// Which of the parameters `$1`, `$2`, … it is, from 0.
pub fn index(id: &str) -> Option<usize> {
    id.trim_start_matches('$').parse::<usize>().ok()?.checked_sub(1)
}

/// Where a parameter stands.
#[derive(Clone, Copy)]
enum Stands {
    /// In LIMIT or OFFSET.
    AsCount,
    /// Anywhere else.
    AsValue,
}

fn replaced(plan: LogicalPlan, parameter: impl Fn(&str, Stands) -> Option<Expr>) -> Result<LogicalPlan> {
    let replaced = plan.transform_up_with_subqueries(|node| {
        let names = NamePreserver::new(&node);
        let stands = if matches!(node, LogicalPlan::Limit(_)) { Stands::AsCount } else { Stands::AsValue };
        let node = node
            .map_expressions(|expr| {
                let name = names.save(&expr);
                let expr = expr.transform_up(|e| match e {
                    Expr::Placeholder(placeholder) => {
                        let missing = || crate::function::raise(undefined(&placeholder.id));
                        parameter(&placeholder.id, stands).map(Transformed::yes).ok_or_else(missing)
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

fn undefined(id: &str) -> Error {
    Error::new(ErrorKind::UndefinedParameter, format!("there is no parameter {id}"))
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
