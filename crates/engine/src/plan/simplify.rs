//! Makes conditions as plain as a source wants them: constants are computed once, and a column is compared as the type that it has, so that the
//! source can use its indexes. It works on conditions only, and leaves every operator where it is.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::execution::SessionState;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Filter, Join, LogicalPlan, Operator};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use std::sync::Arc;

const MICROS_A_DAY: i64 = 86_400_000_000;

/// Simplifies the conditions of an analysed plan, subqueries included.
pub fn conditions(state: &SessionState, plan: LogicalPlan) -> Result<LogicalPlan> {
    Ok(plan.transform_up_with_subqueries(|node| in_node(state, node))?.data)
}

fn in_node(state: &SessionState, node: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    match node {
        LogicalPlan::Filter(filter) => {
            let predicate = simpler(state, filter.predicate, filter.input.schema())?;
            Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(predicate, filter.input)?)))
        }
        LogicalPlan::Join(Join {
            filter: Some(condition),
            left,
            right,
            on,
            join_type,
            join_constraint,
            schema,
            null_equality,
            null_aware,
        }) => {
            let both = merge_schema(&[&left, &right]);
            let filter = Some(simpler(state, condition, &both)?);
            let join = Join { filter, left, right, on, join_type, join_constraint, schema, null_equality, null_aware };
            Ok(Transformed::yes(LogicalPlan::Join(join)))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn simpler(state: &SessionState, expr: Expr, schema: &DFSchema) -> Result<Expr> {
    let context = SimplifyContext::builder()
        .with_schema(Arc::new(schema.clone()))
        .with_config_options(state.config_options().clone())
        .with_query_execution_start_time(state.execution_props().query_execution_start_time)
        .build();
    // What cannot be computed now, such as 1/0, stays as it is and fails if it is reached.
    let Ok(simpler) = ExprSimplifier::new(context).simplify(expr.clone()) else { return Ok(expr) };
    Ok(simpler.transform_up(|e| Ok(as_date(e, schema)))?.data)
}

/// `CAST(day AS timestamp) <= timestamp '…'` with a column of days: the days that it holds for.
fn as_date(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = &expr else { return Transformed::no(expr) };
    let (day, op, moment) = match (days(left, schema), moment(right), days(right, schema), moment(left)) {
        (Some(day), Some(moment), _, _) => (day, *op, moment),
        (_, _, Some(day), Some(moment)) => match op.swap() {
            Some(op) => (day, op, moment),
            None => return Transformed::no(expr),
        },
        _ => return Transformed::no(expr),
    };
    let is_midnight = moment.rem_euclid(MICROS_A_DAY) == 0;
    let op = match (op, is_midnight) {
        (
            op @ (Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq | Operator::Eq | Operator::NotEq),
            true,
        ) => op,
        (Operator::Lt | Operator::LtEq, false) => Operator::LtEq,
        (Operator::Gt | Operator::GtEq, false) => Operator::Gt,
        _ => return Transformed::no(expr),
    };
    let Ok(number) = i32::try_from(moment.div_euclid(MICROS_A_DAY)) else { return Transformed::no(expr) };
    let literal = Expr::Literal(ScalarValue::Date32(Some(number)), None);
    Transformed::yes(Expr::BinaryExpr(BinaryExpr::new(Box::new(day), op, Box::new(literal))))
}

/// The days that are cast to timestamps.
fn days(expr: &Expr, schema: &DFSchema) -> Option<Expr> {
    match expr {
        Expr::Cast(cast)
            if matches!(cast.field.data_type(), DataType::Timestamp(TimeUnit::Microsecond, None))
                && matches!(cast.expr.get_type(schema), Ok(DataType::Date32)) =>
        {
            Some(cast.expr.as_ref().clone())
        }
        _ => None,
    }
}

fn moment(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal(ScalarValue::TimestampMicrosecond(Some(micros), None), _) => Some(*micros),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{Field, Schema};
    use datafusion::logical_expr::{cast, col};

    #[test]
    fn days_are_compared_as_days() {
        let schema = DFSchema::try_from(Schema::new(vec![Field::new("d", DataType::Date32, true)])).expect("a schema");
        let said = |op: Operator, micros: i64| {
            let day = cast(col("d"), DataType::Timestamp(TimeUnit::Microsecond, None));
            let moment = Expr::Literal(ScalarValue::TimestampMicrosecond(Some(micros), None), None);
            as_date(Expr::BinaryExpr(BinaryExpr::new(Box::new(day), op, Box::new(moment))), &schema).data.to_string()
        };
        assert_eq!(said(Operator::Lt, MICROS_A_DAY), "d < Date32(\"1970-01-02\")");
        assert_eq!(said(Operator::Lt, MICROS_A_DAY + 1), "d <= Date32(\"1970-01-02\")");
        assert_eq!(said(Operator::GtEq, MICROS_A_DAY + 1), "d > Date32(\"1970-01-02\")");
        assert_eq!(said(Operator::GtEq, -1), "d > Date32(\"1969-12-31\")");
        assert!(said(Operator::Eq, 1).contains("CAST"));
    }
}
