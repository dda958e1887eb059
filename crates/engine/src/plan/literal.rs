//! `x = '{1,2}'`: a literal beside an array is an array. `v[0]`: an element of an `int2vector` or `oidvector`, which counts from 0.

use crate::function::pg;
use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr, RawFieldAccessExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, GetFieldAccess, cast, lit};
use sqlparser::ast::BinaryOperator;
use weft_core::pgtype::{INT2VECTOR, OIDVECTOR, PG_TYPE_KEY};

/// The hook into DataFusion's SQL planner.
#[derive(Debug)]
pub struct ArrayLiterals;

impl ExprPlanner for ArrayLiterals {
    fn plan_binary_op(&self, mut raw: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        if matches!(raw.op, BinaryOperator::Eq | BinaryOperator::NotEq) {
            if let Some(array) = beside(&raw.left, &raw.right, schema) {
                raw.right = array;
            } else if let Some(array) = beside(&raw.right, &raw.left, schema) {
                raw.left = array;
            }
        }
        Ok(PlannerResult::Original(raw))
    }

    fn plan_field_access(
        &self,
        raw: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        let GetFieldAccess::ListIndex { key } = &raw.field_access else { return Ok(PlannerResult::Original(raw)) };
        let (_, field) = raw.expr.to_field(schema)?;
        let vector = field.metadata().get(PG_TYPE_KEY).is_some_and(|t| t == INT2VECTOR.name || t == OIDVECTOR.name);
        if !vector || *field.data_type() != DataType::Utf8 {
            return Ok(PlannerResult::Original(raw));
        }
        let elements = pg::elements().call(vec![raw.expr.clone()]);
        let index = cast(key.as_ref().clone(), DataType::Int64) + lit(1_i64);
        Ok(PlannerResult::Planned(datafusion::functions_nested::expr_fn::array_element(elements, index)))
    }
}

/// The literal as an array of the type of what it stands beside.
fn beside(array: &Expr, literal: &Expr, schema: &DFSchema) -> Option<Expr> {
    let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = literal else { return None };
    let data_type = array.get_type(schema).ok().filter(|t| matches!(t, DataType::List(_)))?;
    let elements = weft_core::array::parse(text)?.into_iter().map(|e| lit(ScalarValue::Utf8(e))).collect();
    Some(cast(datafusion::functions_nested::expr_fn::make_array(elements), data_type))
}
