//! Queries: bound when they are prepared, planned and started when they are executed.

use super::{Bound, Done};
use crate::environment::{self, Environment};
use crate::outcome::{Column, Prepared};
use crate::plan::bind::{self, BoundQuery};
use crate::plan::execute::{self, Physical, Pushdown};
use crate::plan::local;
use crate::plan::shape::Shape;
use crate::plan::spread::Spreading;
use crate::plans::Surroundings;
use crate::session::Session;
use crate::trail;
use datafusion::common::ScalarValue;
use datafusion::execution::SessionState;
use datafusion::physical_plan::ExecutionPlan;
use futures::StreamExt;
use sqlparser::ast::Query;
use std::sync::Arc;
use tokio::sync::OnceCell;
use weft_core::pgtype::ColumnType;
use weft_core::trace::Role;
use weft_core::{BatchStream, Error, ErrorKind, Result};
use weft_sql::{Statement, StatementKind};

/// The command tag of a query.
pub(super) const TAG: &str = "SELECT";

/// What [`super::bind`] wants of each room: the plan, the parameters' types, the columns.
pub(super) type Described = (Bound, Vec<ColumnType>, Option<Arc<[Column]>>);

pub(super) async fn bind(
    session: &Arc<Session>,
    query: &Query,
    declared: &[Option<ColumnType>],
    tag: &'static str,
) -> Result<Described> {
    if declared.is_empty()
        && tag == TAG
        && let Some(described) = shaped(session, query).await?
    {
        return Ok(described);
    }
    let query = bind::bind(&session.environment(), query, declared).await?;
    Ok(described(query, tag))
}

/// What a bound query takes and returns.
pub(super) fn described(query: BoundQuery, tag: &'static str) -> Described {
    let (parameters, columns) = (query.parameters.clone(), query.columns.clone());
    (Bound::Query { query: Box::new(query), tag }, parameters, Some(columns))
}

/// Binds a query about the catalog by its shape, which may be kept from another one.
async fn shaped(session: &Arc<Session>, query: &Query) -> Result<Option<Described>> {
    let plans = session.gateway().plans();
    let Some(shape) = Shape::of(query).filter(|_| plans.are_kept()) else { return Ok(None) };
    let surroundings = Surroundings::of_shape(session, &shape);
    let prepared = match plans.get(session, &surroundings).await? {
        Some(prepared) => prepared,
        None => {
            // What is wrong with it is told by its own text.
            let Ok(query) = bind::bind(&session.environment(), &shape.query, &shape.declared).await else {
                return Ok(None);
            };
            let kind = StatementKind::Query(Box::new(shape.query.clone()));
            let statement = Statement { kind, text: shape.text.clone(), offset: 0, caller: None };
            let (parameters, columns) = (query.parameters.clone(), Some(query.columns.clone()));
            let plan = Bound::Query { query: Box::new(query), tag: TAG };
            let prepared = Arc::new(Prepared::new(statement, parameters, columns, plan));
            plans.keep(surroundings, &prepared);
            prepared
        }
    };
    let Some(values) = shape.values(&prepared.parameters) else { return Ok(None) };
    let columns = prepared.columns.clone();
    Ok(Some((Bound::Shaped { shape: prepared, values, operators: OnceCell::new() }, vec![], columns)))
}

/// Runs a query by its shape. Its operators are kept for the next time, if they can be run again.
pub(super) async fn execute_shaped(
    session: &Arc<Session>,
    shape: &Prepared,
    values: &[ScalarValue],
    operators: &OnceCell<Option<Arc<dyn ExecutionPlan>>>,
) -> Result<Done> {
    let Bound::Query { query, tag } = &shape.plan else { return Err(Error::internal("a shape that is no query")) };
    let state = session.environment().state;
    let ready = match query.local(&state) {
        Some(plan) if session.variables().lock().pushdown() => {
            operators.get_or_init(|| local::physical(&state, plan, values)).await.as_ref()
        }
        _ => None,
    };
    let Some(ready) = ready else { return execute(session, query, values.to_vec(), tag).await };
    let physical = Physical { plan: local::fresh(ready)?, stayed: Vec::new(), notes: Vec::new() };
    let batches = execute::run(&state, &physical)?;
    Ok(Done::Rows { columns: query.columns.clone(), batches, tag })
}

/// Plans a bound query with these parameters.
pub(super) async fn physical(
    session: &Arc<Session>,
    query: &BoundQuery,
    values: &[ScalarValue],
) -> Result<(Physical, Arc<SessionState>)> {
    let environment = session.environment();
    let physical = plan(&environment, query, values, environment.pushdown()).await?;
    Ok((physical, environment.state))
}

/// Plans a bound query with these parameters, and so much push-down.
pub(super) async fn plan(
    environment: &Environment,
    query: &BoundQuery,
    values: &[ScalarValue],
    pushdown: Pushdown,
) -> Result<Physical> {
    let state = &environment.state;
    let _planning = trail::now().span("plan", Role::Internal);
    execute::plan(state, query.analysed(state, values)?, pushdown, environment.gateway.worker()).await
}

pub(super) async fn execute(
    session: &Arc<Session>,
    query: &BoundQuery,
    values: Vec<ScalarValue>,
    tag: &'static str,
) -> Result<Done> {
    let batches = answer(session, query, values).await?;
    Ok(Done::Rows { columns: query.columns.clone(), batches, tag })
}

/// The rows of a query.
pub(super) async fn answer(
    session: &Arc<Session>,
    query: &BoundQuery,
    values: Vec<ScalarValue>,
) -> Result<BatchStream> {
    let batches = start(session, query, &values).await?;
    answered(|| session.environment(), query, &values, batches).await
}

/// The rows of a query in surroundings that are kept: no session waits for them.
pub(crate) async fn rows(environment: &Environment, query: &BoundQuery, values: &[ScalarValue]) -> Result<BatchStream> {
    let physical = plan(environment, query, values, environment.pushdown()).await?;
    let batches = execute::run(&environment.state, &physical)?;
    answered(|| environment.clone(), query, values, batches).await
}

/// The rows, of which the first are there.
async fn answered(
    environment: impl FnOnce() -> Environment,
    query: &BoundQuery,
    values: &[ScalarValue],
    mut batches: BatchStream,
) -> Result<BatchStream> {
    let first = match batches.next().await {
        // A worker may refuse what PostgreSQL would answer (see `duckdb::allow::Failure`). Nothing has been sent: the gateway's own answer counts.
        Some(Err(error)) if may_be_the_workers(error.kind()) => {
            tracing::debug!(%error, "starting over without push-down");
            let environment = environment();
            let physical = plan(&environment, query, values, Pushdown::Off).await?;
            batches = execute::run(&environment.state, &physical)?;
            batches.next().await
        }
        first => first,
    };
    let schema = batches.schema().clone();
    Ok(BatchStream::new(schema, futures::stream::iter(first).chain(batches)))
}

/// Runs the query by its template, or else as it is planned for these values.
async fn start(session: &Arc<Session>, query: &BoundQuery, values: &[ScalarValue]) -> Result<BatchStream> {
    if session.variables().lock().pushdown()
        && let Some(batches) = by_template(session, query, values)
    {
        return Ok(batches);
    }
    let environment = session.environment();
    let state = &environment.state;
    if environment.variables.pushdown()
        && let Some(optimised) = query.local(state)
        && let Some(plan) = local::physical(state, optimised, values).await
    {
        return execute::run(state, &Physical { plan, stayed: Vec::new(), notes: Vec::new() });
    }
    let physical = plan(&environment, query, values, environment.pushdown()).await?;
    execute::run(state, &physical)
}

/// The rows of the query's template, if it has one that takes these values.
pub(super) fn by_template(session: &Session, query: &BoundQuery, values: &[ScalarValue]) -> Option<BatchStream> {
    let template = query.template(session.gateway().state())?;
    let gateway = session.gateway();
    let limits = environment::limits(gateway, &session.variables().lock());
    // A plan of its own, then.
    if Spreading::new(limits, gateway.worker().clone()).is_open(template.place()) {
        return None;
    }
    template.filled(values).map(|statement| template.run(statement))
}

/// Errors of values, which the gateway may not have.
fn may_be_the_workers(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NumericOutOfRange
            | ErrorKind::DivisionByZero
            | ErrorKind::DataException
            | ErrorKind::InvalidTextRepresentation
    )
}
