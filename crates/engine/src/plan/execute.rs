//! From a bound query to running batches.

use super::federate::{Cut, Stayed, cut};
use super::remote::RemoteExec;
use super::spread::{Limits, Spreading};
use super::{giving_way, local, semantics, simplify};
use crate::error::classify;
use arrow::datatypes::{Schema, SchemaRef};
use chrono_tz::Tz;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::AnalyzerRule;
use datafusion::optimizer::analyzer::resolve_grouping_function::ResolveGroupingFunction;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::StreamExt;
use std::sync::Arc;
use weft_core::worker::Worker;
use weft_core::{BatchStream, Result};

/// Whether sub-plans may leave the gateway (`SET weft.pushdown`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushdown {
    /// As much as is proven, over several workers within these limits.
    On(Limits),
    /// Scans only: for tests and for comparing.
    Off,
}

/// A query that is ready to run.
pub struct Physical {
    /// The operators.
    pub plan: Arc<dyn ExecutionPlan>,
    /// Why some of them are in the gateway.
    pub stayed: Vec<Stayed>,
    /// Why work is in one place or in several.
    pub notes: Vec<String>,
}

/// Gives the plan its meaning in a session with this zone, and its types. The result still has every operator that the user wrote.
pub fn analyse(state: &SessionState, plan: LogicalPlan, zone: Tz) -> Result<LogicalPlan> {
    let options = state.config_options();
    // grouping() is resolved on the aggregate as it was written.
    let plan = ResolveGroupingFunction::new().analyze(plan, options).map_err(classify)?;
    let plan = semantics::apply(plan).map_err(classify)?;
    let plan = state.analyzer().execute_and_check(plan, options, |_, _| {}).map_err(classify)?;
    super::zone::apply(plan, state, zone).map_err(classify)
}

/// Cuts, optimises and plans an analysed query.
pub async fn plan(
    state: &SessionState,
    analysed: LogicalPlan,
    pushdown: Pushdown,
    worker: &Arc<dyn Worker>,
) -> Result<Physical> {
    let spreading = match pushdown {
        Pushdown::On(limits) => Spreading::new(limits, worker.clone()),
        Pushdown::Off => Spreading::never(),
    };
    let schema: SchemaRef = Arc::new(analysed.schema().as_arrow().clone());
    let pieces = match pushdown {
        Pushdown::On(_) => {
            let simple = simplify::conditions(state, analysed).map_err(classify)?;
            cut(simple.clone(), &spreading).unwrap_or_else(|error| {
                // What was allowed must be possible to write; if it is not, the query runs all the same.
                tracing::error!(%error, "a sub-plan cannot be written as a statement");
                Cut::Mixed { plan: simple, stayed: vec![Stayed::all(&error)] }
            })
        }
        Pushdown::Off => Cut::Mixed { stayed: Stayed::switched_off(&analysed), plan: analysed },
    };
    match pieces {
        Cut::Whole { place, sql, order } => {
            let plan = Arc::new(RemoteExec::new(place, sql, order, nullable(&schema), None));
            Ok(Physical { plan, stayed: Vec::new(), notes: spreading.into_notes() })
        }
        Cut::Mixed { plan, stayed } => {
            let undivided = local::reads_rows_alone(&plan).then(|| local::undivided(state));
            let state = undivided.as_ref().unwrap_or(state);
            let optimised = state.optimizer().optimize(plan, state, |_, _| {}).map_err(classify)?;
            let plan = state.query_planner().create_physical_plan(&optimised, state).await.map_err(classify)?;
            Ok(Physical { plan: giving_way::joins(plan).map_err(classify)?, stayed, notes: spreading.into_notes() })
        }
    }
}

/// What a worker returns may be NULL whatever the plan believes.
pub(super) fn nullable(schema: &SchemaRef) -> SchemaRef {
    let fields: Vec<_> = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// Starts the query.
pub fn run(state: &SessionState, physical: &Physical) -> Result<BatchStream> {
    let stream = execute_stream(physical.plan.clone(), state.task_ctx()).map_err(classify)?;
    let schema = stream.schema();
    Ok(BatchStream::new(schema, stream.map(|batch| batch.map_err(classify))))
}
