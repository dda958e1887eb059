//! Columns of a recursive query that are cast to a marked type (`name`): an operator may give NULL in them, whatever the plan knows, and DataFusion
//! compares the two. They may be NULL here too.

use crate::function::{Function, call};
use datafusion::common::metadata::FieldMetadata;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, Result};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, RecursiveQuery, ScalarUDF};
use std::sync::{Arc, LazyLock};
use weft_core::pgtype::PG_TYPE_KEY;

/// Its argument, of which nobody knows that it is not NULL.
static NULLABLE: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
    Arc::new(Function::internal("weft_nullable", 1, |types| Ok(types[0].clone()), |values, _| Ok(values[0].clone())))
});

/// The plan with such columns.
pub(super) fn nullable(plan: LogicalPlan) -> Result<LogicalPlan> {
    let mut changed = false;
    let plan = plan.transform_up_with_subqueries(|node| {
        let node = if changed { node.recompute_schema()? } else { node };
        let LogicalPlan::RecursiveQuery(query) = node else { return Ok(Transformed::no(node)) };
        let first = Arc::unwrap_or_clone(query.static_term);
        let known =
            |field: &arrow::datatypes::Field| !field.is_nullable() && field.metadata().contains_key(PG_TYPE_KEY);
        let mut columns = Vec::new();
        for (qualifier, field) in first.schema().iter() {
            let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
            columns.push(if known(field) {
                changed = true;
                let kept = Some(FieldMetadata::from(field.as_ref()));
                call(&NULLABLE, vec![column]).alias_qualified_with_metadata(qualifier.cloned(), field.name(), kept)
            } else {
                column
            });
        }
        let first = if changed { LogicalPlanBuilder::from(first).project(columns)?.build()? } else { first };
        let query = RecursiveQuery::try_new(query.name, Arc::new(first), query.recursive_term, query.is_distinct)?;
        Ok(Transformed::yes(LogicalPlan::RecursiveQuery(query)))
    })?;
    Ok(plan.data)
}
