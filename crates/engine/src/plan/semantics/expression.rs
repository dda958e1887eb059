//! Single expressions: integer literals that are `integer`, checked negation, casts that round.

use super::operator;
use crate::function::{arithmetic, call, cast};
use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::{Expr, ExprSchemable};

/// Rewrites the expression from its leaves up. Its name may change.
pub(super) fn rewrite(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    expr.transform_up(|e| rewrite_one(e, schema))
}

fn rewrite_one(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::Literal(ScalarValue::Int64(Some(value)), metadata) => Ok(match i32::try_from(value) {
            Ok(small) => Transformed::yes(Expr::Literal(ScalarValue::Int32(Some(small)), metadata)),
            Err(_) => Transformed::no(Expr::Literal(ScalarValue::Int64(Some(value)), metadata)),
        }),
        Expr::BinaryExpr(binary) => Ok(match operator::rewrite(&binary.left, binary.op, &binary.right, schema) {
            Some(better) => Transformed::yes(better),
            None => Transformed::no(Expr::BinaryExpr(binary)),
        }),
        Expr::Negative(inner) => match inner.get_type(schema) {
            Ok(DataType::Int16 | DataType::Int32 | DataType::Int64) => {
                Ok(Transformed::yes(call(&arithmetic::NEGATE, vec![*inner])))
            }
            _ => Ok(Transformed::no(Expr::Negative(inner))),
        },
        Expr::Cast(c) => {
            let from = c.expr.get_type(schema);
            match (from, cast::to_integer_function(c.field.data_type())) {
                (Ok(DataType::Float32 | DataType::Float64 | DataType::Decimal128(..)), Some(function)) => {
                    Ok(Transformed::yes(call(function, vec![*c.expr])))
                }
                _ => Ok(Transformed::no(Expr::Cast(c))),
            }
        }
        other => Ok(Transformed::no(other)),
    }
}

/// The literals of an operand as PostgreSQL types them: `5` is an `integer` if it fits.
pub(super) fn narrow_literals(expr: Expr) -> Expr {
    let narrowed = expr.clone().transform_up(|e| match e {
        Expr::Literal(ScalarValue::Int64(Some(value)), metadata) => Ok(match i32::try_from(value) {
            Ok(small) => Transformed::yes(Expr::Literal(ScalarValue::Int32(Some(small)), metadata)),
            Err(_) => Transformed::no(Expr::Literal(ScalarValue::Int64(Some(value)), metadata)),
        }),
        other => Ok(Transformed::no(other)),
    });
    narrowed.map(|t| t.data).unwrap_or(expr)
}
