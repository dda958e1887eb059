//! Queries that read what the gateway knows by itself, as clients ask about tables with: what is optimised once is run many times. Their parameters stay
//! in the plan as holes. It must not know whether what they read is still the same: that is `footing`.

use super::bind::BoundQuery;
use super::{execute, giving_way, parameters, simplify};
use crate::system::table::Rows;
use arrow::datatypes::{DataType, Field};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::source_as_provider;
use datafusion::execution::SessionState;
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use std::sync::Arc;
use weft_core::Result;

/// Operators that can be run again once they have forgotten the last time: `reset_plan_states` knows them, and they are not tied to each other.
const REPEATABLE: &[&str] = &[
    "AggregateExec",
    "CoalescePartitionsExec",
    "CrossJoinExec",
    "DataSourceExec",
    "EmptyExec",
    "FilterExec",
    "GivingWay",
    "GlobalLimitExec",
    "HashJoinExec",
    "LocalLimitExec",
    "NestedLoopJoinExec",
    "PlaceholderRowExec",
    "ProjectionExec",
    "RepartitionExec",
    "SortExec",
    "SortPreservingMergeExec",
    "UnionExec",
    "UnnestExec",
];

/// The state in which to plan what reads rows of the gateway alone: they are few, and dividing them takes longer than reading them.
pub fn undivided(state: &SessionState) -> SessionState {
    let mut state = state.clone();
    state.config_mut().options_mut().execution.target_partitions = 1;
    state
}

/// Whether the plan reads rows of the gateway, and nothing else.
pub fn reads_rows_alone(plan: &LogicalPlan) -> bool {
    let (mut some, mut all) = (false, true);
    let walked = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            some = true;
            all &= source_as_provider(&scan.source).is_ok_and(|provider| provider.downcast_ref::<Rows>().is_some());
        }
        Ok(if all { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    some && all && walked.is_ok()
}

/// The query's plan as it is optimised for values that are not known; nothing if that cannot be.
pub fn optimised(state: &SessionState, query: &BoundQuery) -> Option<LogicalPlan> {
    let analysed = if query.parameters.is_empty() {
        query.analysed(state, &[]).ok()?
    } else {
        let types: Vec<DataType> = query.parameters.iter().map(|t| t.arrow_type()).collect::<Option<_>>()?;
        let typed = parameters::replace_by(query.plan.clone(), |id| {
            let field = Arc::new(Field::new(id, types.get(parameters::index(id)?)?.clone(), true));
            Some(Expr::Placeholder(Placeholder { id: id.to_owned(), field: Some(field) }))
        });
        execute::analyse(state, typed.ok()?, query.asker.zone).ok()?
    };
    if !reads_rows_alone(&analysed) {
        return None;
    }
    let state = undivided(state);
    let simple = simplify::conditions(&state, analysed).ok()?;
    state.optimizer().optimize(simple, &state, |_, _| {}).ok()
}

/// The operators of an optimised plan for these values; nothing if they can be run but once.
pub async fn physical(
    state: &SessionState,
    optimised: &LogicalPlan,
    values: &[ScalarValue],
) -> Option<Arc<dyn ExecutionPlan>> {
    let filled = if values.is_empty() {
        optimised.clone()
    } else {
        // The types around them have been decided.
        let value = |id: &str| Some(Expr::Literal(values.get(parameters::index(id)?)?.clone(), None));
        parameters::replace_by(optimised.clone(), value).ok()?
    };
    let state = undivided(state);
    let plan = state.query_planner().create_physical_plan(&filled, &state).await.ok()?;
    giving_way::joins(plan).ok().filter(is_repeatable)
}

fn is_repeatable(plan: &Arc<dyn ExecutionPlan>) -> bool {
    REPEATABLE.contains(&plan.name()) && plan.children().into_iter().all(is_repeatable)
}

/// The same operators, which know nothing of other times that they were run.
pub fn fresh(plan: &Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    reset_plan_states(plan.clone()).map_err(crate::error::classify)
}
