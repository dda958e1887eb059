//! Sums and averages with PostgreSQL's types: `sum(integer)` is a bigint, `sum(bigint)` and every exact average a numeric. An average becomes a sum and
//! a count, whose division stands in a projection above: so it is the same wherever the aggregate itself runs.
//!
//! Source: PostgreSQL `pg_aggregate.dat`.

use super::operator::as_numeric;
use crate::function::numeric::{PRECISION, scale_of};
use crate::function::{call, numeric};
use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, Result};
use datafusion::functions_aggregate::average::avg_udaf;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::expr::{AggregateFunction, WindowFunction};
use datafusion::logical_expr::{
    Aggregate, AggregateUDF, Expr, ExprSchemable, LogicalPlan, Projection, Window, WindowFunctionDefinition, cast,
};
use std::sync::Arc;

/// Rewrites the aggregates of a node; a projection above it restores its columns.
pub(super) fn rewrite_aggregate(node: Aggregate) -> Result<LogicalPlan> {
    let Aggregate { input, group_expr, aggr_expr, schema: old, .. } = node;
    let groups = old.fields().len() - aggr_expr.len();
    let templates = aggr_expr
        .iter()
        .map(|expr| match expr.clone().unalias() {
            Expr::AggregateFunction(function) => aggregate_template(&function, input.schema()),
            _ => Ok(None),
        })
        .collect::<Result<Vec<_>>>()?;
    if templates.iter().all(Option::is_none) {
        let named =
            aggr_expr.into_iter().enumerate().map(|(i, expr)| as_before(expr, old.field(groups + i).name())).collect();
        return Ok(LogicalPlan::Aggregate(Aggregate::try_new(input, group_expr, named)?));
    }
    let mut inner: Vec<Expr> = Vec::new();
    let finals = aggr_expr
        .into_iter()
        .zip(templates)
        .map(|(expr, template)| lift(template.unwrap_or_else(|| expr.unalias()), &mut inner))
        .collect::<Result<Vec<_>>>()?;
    let aggregate = LogicalPlan::Aggregate(Aggregate::try_new(input, group_expr, inner)?);
    restore(aggregate, groups, finals, &old)
}

/// The expression by the name by which the nodes above know it.
fn as_before(expr: Expr, name: &str) -> Expr {
    if expr.schema_name().to_string() == name { expr } else { expr.unalias().alias(name) }
}

/// Rewrites the window functions of a node, like [`rewrite_aggregate`].
pub(super) fn rewrite_window(node: Window) -> Result<LogicalPlan> {
    let Window { input, window_expr, schema: old } = node;
    let mut inner: Vec<Expr> = Vec::new();
    let mut finals = Vec::with_capacity(window_expr.len());
    for expr in window_expr {
        let last = match expr.clone().unalias() {
            Expr::WindowFunction(function) => {
                window_template(&function, input.schema())?.unwrap_or(Expr::WindowFunction(function))
            }
            other => other,
        };
        finals.push(lift(last, &mut inner)?);
    }
    let passed = old.fields().len() - finals.len();
    let window = LogicalPlan::Window(Window::try_new(inner, input)?);
    restore(window, passed, finals, &old)
}

/// Replaces each aggregate or window function in the template by a column of the node below. The columns are numbered: DataFusion's names leave casts
/// out, so that two sums can have one name.
fn lift(template: Expr, inner: &mut Vec<Expr>) -> Result<Expr> {
    let lifted = template.transform_down(|e| match e {
        Expr::AggregateFunction(_) | Expr::WindowFunction(_) => {
            let known = inner.iter().position(|i| matches!(i, Expr::Alias(alias) if *alias.expr == e));
            let name = format!("aggregate {}", known.unwrap_or(inner.len()));
            if known.is_none() {
                inner.push(e.alias(&name));
            }
            let column = Expr::Column(Column::new_unqualified(name));
            Ok(Transformed::new(column, true, datafusion::common::tree_node::TreeNodeRecursion::Jump))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(lifted.data)
}

/// The projection that gives the new node the old node's columns.
fn restore(node: LogicalPlan, passed: usize, finals: Vec<Expr>, old: &DFSchema) -> Result<LogicalPlan> {
    let mut exprs: Vec<Expr> =
        (0..passed).map(|i| Expr::Column(Column::from(node.schema().qualified_field(i)))).collect();
    for (i, expr) in finals.into_iter().enumerate() {
        let (qualifier, field) = old.qualified_field(passed + i);
        exprs.push(expr.alias_qualified(qualifier.cloned(), field.name()));
    }
    Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(node))?))
}

/// What `sum(x)` or `avg(x)` is in terms of DataFusion's sum and count; nothing for other aggregates and types that agree.
fn aggregate_template(function: &AggregateFunction, schema: &DFSchema) -> Result<Option<Expr>> {
    let Some(argument) = function.params.args.first() else { return Ok(None) };
    let Ok(data_type) = argument.get_type(schema) else { return Ok(None) };
    let with = |udaf: Arc<AggregateUDF>, argument: Expr| {
        let mut copy = function.clone();
        copy.func = udaf;
        copy.params.args = vec![argument];
        Expr::AggregateFunction(copy)
    };
    Ok(template(function.func.name(), argument, &data_type, with))
}

fn window_template(function: &WindowFunction, schema: &DFSchema) -> Result<Option<Expr>> {
    let WindowFunctionDefinition::AggregateUDF(udaf) = &function.fun else { return Ok(None) };
    let Some(argument) = function.params.args.first() else { return Ok(None) };
    let Ok(data_type) = argument.get_type(schema) else { return Ok(None) };
    let with = |udaf: Arc<AggregateUDF>, argument: Expr| {
        let mut copy = function.clone();
        copy.fun = WindowFunctionDefinition::AggregateUDF(udaf);
        copy.params.args = vec![argument];
        Expr::WindowFunction(Box::new(copy))
    };
    Ok(template(udaf.name(), argument, &data_type, with))
}

fn template(
    name: &str,
    argument: &Expr,
    data_type: &DataType,
    with: impl Fn(Arc<AggregateUDF>, Expr) -> Expr,
) -> Option<Expr> {
    let exact = |scale: i8| DataType::Decimal128(PRECISION, scale);
    let sum = || -> Option<(Expr, i8)> {
        Some(match data_type {
            DataType::Int16 | DataType::Int32 => (with(sum_udaf(), cast(argument.clone(), DataType::Int64)), 0),
            DataType::Int64 => (with(sum_udaf(), cast(argument.clone(), as_numeric(data_type))), 0),
            DataType::Decimal128(..) => (with(sum_udaf(), argument.clone()), scale_of(data_type)?),
            _ => return None,
        })
    };
    match name {
        "sum" => match data_type {
            DataType::Int16 | DataType::Int32 => Some(cast(sum()?.0, DataType::Int64)),
            DataType::Float32 => Some(cast(with(sum_udaf(), argument.clone()), DataType::Float32)),
            DataType::Float64 | DataType::Null => Some(with(sum_udaf(), cast(argument.clone(), DataType::Float64))),
            _ => sum().map(|(sum, scale)| cast(sum, exact(scale))),
        },
        "avg" if matches!(data_type, DataType::Float32 | DataType::Float64 | DataType::Null) => {
            Some(with(avg_udaf(), cast(argument.clone(), DataType::Float64)))
        }
        "avg" => {
            let (sum, scale) = sum()?;
            let count = cast(with(count_udaf(), argument.clone()), DataType::Decimal128(19, 0));
            // The average of no rows is NULL: so is the sum, and NULL / 0 is NULL.
            Some(call(&numeric::DIVIDE, vec![cast(sum, exact(scale)), count]))
        }
        _ => None,
    }
}
