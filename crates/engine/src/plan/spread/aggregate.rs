//! An aggregate as a partial one, which each part has, and a final one over the rows of all parts. Only those whose parts can be put together to exactly
//! the same value are split.

use arrow::datatypes::DataType;
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{
    Aggregate, AggregateUDF, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, Projection, cast, lit, when,
};
use std::sync::Arc;

/// Digits of the widest exact number.
const PRECISION: u8 = 38;

/// How the final value is made of the columns of the partial aggregate.
enum Final {
    /// By the same function, of one column.
    Same(Arc<AggregateUDF>, usize),
    /// The sum of a column, as the type of the whole.
    Sum(usize, DataType),
    /// A sum by a count.
    Average(usize, usize),
}

/// Splits the aggregate; `parts` makes the rows of all parts from the partial one. None if it cannot be split.
pub(super) fn split(
    aggregate: &Aggregate,
    parts: impl FnOnce(&LogicalPlan) -> Result<LogicalPlan>,
) -> Result<Option<LogicalPlan>> {
    if aggregate.group_expr.iter().any(|e| matches!(e, Expr::GroupingSet(_))) {
        return Ok(None);
    }
    let mut keys = aggregate.schema.fields().iter().take(aggregate.group_expr.len());
    if !keys.all(|field| is_same_to_all(field.data_type())) {
        return Ok(None);
    }
    let mut partial: Vec<Expr> = Vec::new();
    let mut finals = Vec::new();
    for expr in &aggregate.aggr_expr {
        let Expr::AggregateFunction(function) = expr.clone().unalias() else { return Ok(None) };
        let data_type = expr.get_type(aggregate.input.schema())?;
        let Some(last) = plan_final(&function, data_type, &mut partial) else { return Ok(None) };
        finals.push(last);
    }
    let groups = aggregate.group_expr.len();
    let below = Aggregate::try_new(aggregate.input.clone(), aggregate.group_expr.clone(), partial)?;
    let rows = parts(&LogicalPlan::Aggregate(below))?;
    let column = |i: usize| Expr::Column(Column::from(rows.schema().qualified_field(i)));
    let mut inner = Vec::new();
    let mut outer = Vec::new();
    for last in &finals {
        outer.push(put_together(last, |i| column(groups + i), &mut inner));
    }
    let keys: Vec<Expr> = (0..groups).map(column).collect();
    let above = LogicalPlanBuilder::from(rows).aggregate(keys, inner)?.build()?;
    let mut exprs = Vec::new();
    let key_columns = (0..groups).map(|i| Expr::Column(Column::from(above.schema().qualified_field(i))));
    for (i, expr) in key_columns.chain(outer).enumerate() {
        let (qualifier, field) = aggregate.schema.qualified_field(i);
        exprs.push(expr.alias_qualified(qualifier.cloned(), field.name()));
    }
    Ok(Some(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(above))?)))
}

/// Whether DuckDB and DataFusion agree on which values of the type are the same: of floats and intervals some are that are written differently.
pub(super) fn is_same_to_all(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Boolean
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::Decimal128(..)
            | DataType::Utf8
            | DataType::Binary
            | DataType::Date32
            | DataType::Time64(_)
            | DataType::Timestamp(..)
    )
}

/// Adds what the parts compute, and says what becomes of it.
fn plan_final(function: &AggregateFunction, data_type: DataType, partial: &mut Vec<Expr>) -> Option<Final> {
    let params = &function.params;
    if params.distinct || !params.order_by.is_empty() || params.null_treatment.is_some() {
        return None;
    }
    let mut add = |expr: Expr| {
        let name = format!("partial {}", partial.len());
        partial.push(expr.alias(name));
        partial.len() - 1
    };
    let whole = Expr::AggregateFunction(function.clone());
    match (function.func.name(), &data_type) {
        ("count", _) => Some(Final::Sum(add(whole), data_type)),
        ("sum", DataType::Int64 | DataType::Decimal128(..) | DataType::Float64 | DataType::Float32) => {
            Some(Final::Sum(add(whole), data_type))
        }
        ("min" | "max" | "bool_and" | "bool_or" | "bit_and" | "bit_or" | "bit_xor", _) => {
            Some(Final::Same(function.func.clone(), add(whole)))
        }
        ("avg", DataType::Float64) => {
            let with = |func| Expr::AggregateFunction(AggregateFunction { func, params: params.clone() });
            Some(Final::Average(add(with(sum_udaf())), add(with(count_udaf()))))
        }
        _ => None,
    }
}

/// The final value. Aggregates go to `inner` and are named there.
fn put_together(last: &Final, column: impl Fn(usize) -> Expr, inner: &mut Vec<Expr>) -> Expr {
    let mut total = |func: Arc<AggregateUDF>, of: Expr| {
        let name = format!("total {}", inner.len());
        inner.push(func.call(vec![of]).alias(&name));
        Expr::Column(Column::new_unqualified(name))
    };
    match last {
        Final::Same(func, i) => total(func.clone(), column(*i)),
        Final::Sum(i, data_type) => {
            let wide = match data_type {
                // The sum of whole numbers is an error where it does not fit, not another number.
                DataType::Int64 => cast(column(*i), DataType::Decimal128(PRECISION, 0)),
                _ => column(*i),
            };
            cast(total(sum_udaf(), wide), data_type.clone())
        }
        Final::Average(sum, count) => {
            let sum = cast(total(sum_udaf(), column(*sum)), DataType::Float64);
            let count = cast(total(sum_udaf(), column(*count)), DataType::Float64);
            let none = Expr::Literal(ScalarValue::Float64(None), None);
            let mean = when(count.clone().eq(lit(0.0)), none).otherwise(sum.clone() / count);
            // Both arms have one type, so that the expression can be built.
            mean.unwrap_or(sum)
        }
    }
}
