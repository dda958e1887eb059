//! The columns of a statement's result whose values are numbers of objects (`regclass`, `regtype`, …) are written as names: PostgreSQL's output functions
//! do the same.

use super::footing::Footing;
use crate::environment::Environment;
use crate::error::classify;
use crate::function::length::{LENGTH_KEY, RPAD};
use crate::function::{call, pg};
use datafusion::common::metadata::FieldMetadata;
use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use weft_core::Result;
use weft_core::pgtype::{PG_TYPE_KEY, scalar_named};

/// The plan with names in place of such numbers. It stands on the directory that knows the names.
pub async fn names(environment: &Environment, plan: LogicalPlan, footing: Option<&mut Footing>) -> Result<LogicalPlan> {
    let mark = |field: &arrow::datatypes::Field| {
        let name = field.metadata().get(PG_TYPE_KEY).filter(|_| field.data_type().is_integer())?;
        scalar_named(name).filter(|t| t.name.starts_with("reg")).map(|t| t.name)
    };
    let plan = filled_up(plan)?;
    if plan.schema().fields().iter().all(|f| mark(f).is_none()) {
        return Ok(plan);
    }
    let directory = environment.directory().await?;
    if let Some(footing) = footing {
        footing.add_directory(directory.clone());
    }
    let columns: Vec<Expr> = plan
        .schema()
        .iter()
        .map(|(qualifier, field)| {
            let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
            match mark(field).and_then(|name| pg::display_function(name, &directory)) {
                Some(function) => call(&function, vec![column]).alias_qualified(qualifier.cloned(), field.name()),
                None => column,
            }
        })
        .collect();
    LogicalPlanBuilder::from(plan).project(columns).and_then(LogicalPlanBuilder::build).map_err(classify)
}

/// A `character` shows the blanks at its end.
fn filled_up(plan: LogicalPlan) -> Result<LogicalPlan> {
    let length = |field: &arrow::datatypes::Field| field.metadata().get(LENGTH_KEY)?.parse::<i64>().ok();
    if plan.schema().fields().iter().all(|f| length(f).is_none()) {
        return Ok(plan);
    }
    let columns: Vec<Expr> = plan
        .schema()
        .iter()
        .map(|(qualifier, field)| {
            let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
            let Some(length) = length(field) else { return column };
            let kept = Some(FieldMetadata::from(field.as_ref()));
            let arguments = vec![column, Expr::Literal(ScalarValue::Int64(Some(length)), None)];
            call(&RPAD, arguments).alias_qualified_with_metadata(qualifier.cloned(), field.name(), kept)
        })
        .collect();
    LogicalPlanBuilder::from(plan).project(columns).and_then(LogicalPlanBuilder::build).map_err(classify)
}
