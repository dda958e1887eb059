//! Queries: bound when they are prepared, planned and started when they are executed.

use super::{Bound, Done};
use crate::environment::{self, Environment};
use crate::outcome::Column;
use crate::plan::bind::{self, BoundQuery};
use crate::plan::execute::{self, Physical, Pushdown};
use crate::plan::spread::Spreading;
use crate::session::Session;
use datafusion::common::ScalarValue;
use datafusion::execution::SessionState;
use futures::StreamExt;
use sqlparser::ast::Query;
use std::sync::Arc;
use weft_core::pgtype::ColumnType;
use weft_core::{BatchStream, ErrorKind, Result};

/// What [`super::bind`] wants of each room: the plan, the parameters' types, the columns.
pub(super) type Described = (Bound, Vec<ColumnType>, Option<Arc<[Column]>>);

pub(super) async fn bind(
    session: &Arc<Session>,
    query: &Query,
    declared: &[Option<ColumnType>],
    tag: &'static str,
) -> Result<Described> {
    let query = bind::bind(&session.environment(), query, declared).await?;
    Ok(described(query, tag))
}

/// What a bound query takes and returns.
pub(super) fn described(query: BoundQuery, tag: &'static str) -> Described {
    let (parameters, columns) = (query.parameters.clone(), query.columns.clone());
    (Bound::Query { query: Box::new(query), tag }, parameters, Some(columns))
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
    execute::plan(state, query.analysed(state, values)?, pushdown, environment.gateway.worker()).await
}

pub(super) async fn execute(
    session: &Arc<Session>,
    query: &BoundQuery,
    values: Vec<ScalarValue>,
    tag: &'static str,
) -> Result<Done> {
    let batches = start(session, query, &values).await?;
    let batches = answered(|| session.environment(), query, &values, batches).await?;
    Ok(Done::Rows { columns: query.columns.clone(), batches, tag })
}

/// The rows of a query without parameters that no session waits for.
pub(crate) async fn rows(environment: &Environment, query: &BoundQuery) -> Result<BatchStream> {
    let physical = plan(environment, query, &[], environment.pushdown()).await?;
    let batches = execute::run(&environment.state, &physical)?;
    answered(|| environment.clone(), query, &[], batches).await
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
    let (physical, state) = physical(session, query, values).await?;
    execute::run(&state, &physical)
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
