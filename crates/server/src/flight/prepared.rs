//! Prepared statements: made, bound, closed. It must not know how they are run.

use super::encode;
use super::handles::Bound;
use super::parameters::{self, Expected};
use super::statement::{self, without_transaction};
use super::visitor::Visit;
use arrow_flight::FlightData;
use arrow_flight::sql::{ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult};
use bytes::Bytes;
use futures::Stream;
use tonic::Status;
use weft_core::Result;

/// Prepares a statement. One that returns no rows has no schema of them: by that clients tell updates from queries.
pub(crate) async fn create(
    visit: &Visit,
    request: ActionCreatePreparedStatementRequest,
) -> Result<ActionCreatePreparedStatementResult> {
    without_transaction(request.transaction_id.as_deref())?;
    let prepared = statement::prepare(&visit.session(), &request.query).await?;
    let dataset_schema = match statement::schema(&prepared) {
        Some(schema) => encode::schema(&schema)?,
        None => Bytes::new(),
    };
    let parameter_schema = encode::schema(&parameters::schema(&prepared.parameters))?;
    let handle = visit.handles().put(prepared)?;
    Ok(ActionCreatePreparedStatementResult {
        prepared_statement_handle: Bytes::copy_from_slice(&handle),
        dataset_schema,
        parameter_schema,
    })
}

/// The values that the client sends for a statement.
pub(crate) async fn read(
    visit: &Visit,
    handle: &[u8],
    messages: impl Stream<Item = Result<FlightData, Status>> + Send + 'static,
) -> Result<Bound> {
    let prepared = visit.handles().get(handle)?;
    let settings = visit.access().gateway().settings();
    let expected = Expected {
        types: &prepared.parameters,
        time_zone: visit.session().text_format().time_zone,
        max_bytes: usize::try_from(settings.max_message_bytes.0).unwrap_or(usize::MAX),
        patience: settings.client_write_timeout.0,
    };
    parameters::read(messages, expected).await
}
