//! DoPut: updates, and parameters of prepared statements. It must not know how a statement is run.

use super::command;
use super::ingest;
use super::prepared;
use super::run;
use super::statement::{self, Planned, without_transaction};
use super::tickets::new_id;
use super::visitor::Visit;
use arrow_flight::sql::{Command, DoPutPreparedStatementResult, DoPutUpdateResult};
use arrow_flight::{FlightData, PutResult};
use futures::{Stream, StreamExt, stream};
use prost::Message;
use tonic::Status;
use weft_core::{Error, ErrorKind, Result};

/// Answers the command that comes with the first message.
pub(crate) async fn put(
    visit: &Visit,
    mut messages: impl Stream<Item = Result<FlightData, Status>> + Send + Unpin + 'static,
) -> Result<PutResult> {
    let patience = visit.access().gateway().settings().client_write_timeout.0;
    let first = tokio::time::timeout(patience, messages.next()).await.ok().flatten();
    let first = first.and_then(Result::ok).ok_or_else(|| missing("no message"))?;
    let descriptor = first.flight_descriptor.clone().ok_or_else(|| missing("no descriptor"))?;
    let rest = stream::iter([Ok(first)]).chain(messages);
    match command::read(&descriptor.cmd)? {
        Command::CommandStatementUpdate(update) => {
            without_transaction(update.transaction_id.as_deref())?;
            let prepared = statement::prepare(&visit.session(), &update.query).await?;
            updated(visit, Planned::new(prepared, Default::default())).await
        }
        Command::CommandPreparedStatementUpdate(update) => {
            let handle = update.prepared_statement_handle;
            let bound = prepared::read(visit, &handle, rest).await?;
            // Clients send values with the update, or before it.
            let planned = match bound.sets.is_empty() {
                true => visit.handles().planned(&handle)?,
                false => Planned::new(visit.handles().get(&handle)?, bound),
            };
            updated(visit, planned).await
        }
        Command::CommandPreparedStatementQuery(query) => {
            let handle = query.prepared_statement_handle;
            let bound = prepared::read(visit, &handle, rest).await?;
            visit.handles().bind(&handle, bound)?;
            let result = DoPutPreparedStatementResult { prepared_statement_handle: Some(handle) };
            Ok(PutResult { app_metadata: result.encode_to_vec().into() })
        }
        Command::CommandStatementIngest(ingest) => ingest::ingest(visit, ingest, rest).await,
        other => Err(command::unsupported(&other)),
    }
}

async fn updated(visit: &Visit, planned: Planned) -> Result<PutResult> {
    let running = visit.tickets().run(new_id())?;
    let record_count = run::update(visit, planned, &running).await?;
    Ok(PutResult { app_metadata: DoPutUpdateResult { record_count }.encode_to_vec().into() })
}

fn missing(what: &str) -> Error {
    Error::new(ErrorKind::ProtocolViolation, format!("DoPut with {what}"))
}
