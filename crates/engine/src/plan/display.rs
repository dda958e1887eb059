//! The columns of a statement's result whose values are numbers of objects (`regclass`, `regtype`, …) are written as names: PostgreSQL's output functions
//! do the same.

use crate::environment::Environment;
use crate::error::classify;
use crate::function::{call, pg};
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use weft_core::Result;
use weft_core::pgtype::{PG_TYPE_KEY, scalar_named};

/// The plan with names in place of such numbers.
pub async fn names(environment: &Environment, plan: LogicalPlan) -> Result<LogicalPlan> {
    let mark = |field: &arrow::datatypes::Field| {
        let name = field.metadata().get(PG_TYPE_KEY).filter(|_| field.data_type().is_integer())?;
        scalar_named(name).filter(|t| t.name.starts_with("reg")).map(|t| t.name)
    };
    if plan.schema().fields().iter().all(|f| mark(f).is_none()) {
        return Ok(plan);
    }
    let directory = environment.directory().await?;
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
