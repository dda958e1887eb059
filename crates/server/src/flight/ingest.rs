//! CommandStatementIngest: batches that a client sends become rows of a table. It must not know how tables are kept.

use super::run;
use super::statement::{settled, without_transaction};
use super::tickets::new_id;
use super::visitor::Visit;
use arrow::array::RecordBatch;
use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use arrow_flight::sql::{
    CommandStatementIngest, DoPutUpdateResult, TableDefinitionOptions, TableExistsOption, TableNotExistOption,
};
use arrow_flight::{FlightData, PutResult};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use prost::Message;
use std::future::ready;
use std::time::Duration;
use tonic::Status;
use weft_core::{BatchStream, Error, ErrorKind, ObjectName, Result};
use weft_engine::{Ingest, OnExistingTable, OnMissingTable};

/// Takes the rows; tells how many there were.
pub(crate) async fn ingest(
    visit: &Visit,
    command: CommandStatementIngest,
    messages: impl Stream<Item = Result<FlightData, Status>> + Send + Unpin + 'static,
) -> Result<PutResult> {
    without_transaction(command.transaction_id.as_deref())?;
    if command.temporary {
        return Err(Error::unsupported("a temporary table"));
    }
    if let Some(option) = command.options.keys().min() {
        let message = format!("unrecognized option of ingestion \"{option}\"");
        return Err(Error::new(ErrorKind::InvalidParameterValue, message));
    }
    let (on_missing, on_existing) = options(command.table_definition_options.unwrap_or_default())?;
    let table = name(command.catalog, command.schema, command.table, visit.session().catalog());
    let patience = visit.access().gateway().settings().client_write_timeout.0;
    let rows = rows(messages, patience).await?;
    let session = visit.session();
    let running = visit.tickets().run(new_id())?;
    let ingest = Ingest { table, on_missing, on_existing, rows };
    let record_count = settled(&session, run::stoppable(&running, session.ingest(ingest))).await?;
    let record_count = i64::try_from(record_count).unwrap_or(i64::MAX);
    Ok(PutResult { app_metadata: DoPutUpdateResult { record_count }.encode_to_vec().into() })
}

fn name(catalog: Option<String>, schema: Option<String>, table: String, current: &str) -> ObjectName {
    let given = |part: Option<String>| part.filter(|part| !part.is_empty());
    ObjectName(match (given(catalog), given(schema)) {
        (Some(catalog), Some(schema)) => vec![catalog, schema, table],
        (Some(catalog), None) if catalog != current => vec![catalog, "public".to_owned(), table],
        (_, Some(schema)) => vec![schema, table],
        (_, None) => vec![table],
    })
}

/// What the client wants; who says nothing means a table that is there.
fn options(options: TableDefinitionOptions) -> Result<(OnMissingTable, OnExistingTable)> {
    let malformed = |e| Error::new(ErrorKind::ProtocolViolation, "malformed command").with_detail(format!("{e}"));
    let on_missing = match TableNotExistOption::try_from(options.if_not_exist).map_err(malformed)? {
        TableNotExistOption::Create => OnMissingTable::Create,
        TableNotExistOption::Fail | TableNotExistOption::Unspecified => OnMissingTable::Fail,
    };
    let on_existing = match TableExistsOption::try_from(options.if_exists).map_err(malformed)? {
        TableExistsOption::Append | TableExistsOption::Unspecified => OnExistingTable::Append,
        TableExistsOption::Replace => OnExistingTable::Replace,
        TableExistsOption::Fail => OnExistingTable::Fail,
    };
    Ok((on_missing, on_existing))
}

/// The batches as they come, with the schema that stands before them.
async fn rows(
    messages: impl Stream<Item = Result<FlightData, Status>> + Send + 'static,
    patience: Duration,
) -> Result<BatchStream> {
    let data = messages
        .map_err(|status| FlightError::Tonic(Box::new(status)))
        .try_filter(|message| ready(!message.data_header.is_empty()));
    let mut batches = FlightRecordBatchStream::new_from_flight_data(data);
    let first = next(&mut batches, patience).await?;
    let Some(schema) = batches.schema().cloned() else {
        return Err(Error::new(ErrorKind::ProtocolViolation, "rows without a schema"));
    };
    let rest = stream::unfold(Some(batches), move |batches| async move {
        let mut batches = batches?;
        match next(&mut batches, patience).await {
            Ok(Some(batch)) => Some((Ok(batch), Some(batches))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(BatchStream::new(schema, stream::iter(first.map(Ok)).chain(rest)))
}

async fn next(batches: &mut FlightRecordBatchStream, patience: Duration) -> Result<Option<RecordBatch>> {
    let next = tokio::time::timeout(patience, batches.next()).await;
    let next =
        next.map_err(|_| Error::new(ErrorKind::QueryCanceled, "the client has sent no rows for client_write_timeout"))?;
    next.transpose()
        .map_err(|e| Error::new(ErrorKind::ProtocolViolation, "malformed batch of rows").with_detail(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_whole_as_they_must_be() {
        let some = |text: &str| Some(text.to_owned());
        let written = |catalog, schema| name(catalog, schema, "t".to_owned(), "lake").to_string();
        assert_eq!(written(None, None), "t");
        assert_eq!(written(some("lake"), some("")), "t");
        assert_eq!(written(some("other"), None), "other.public.t");
        assert_eq!(written(None, some("public")), "public.t");
        assert_eq!(written(some("lake"), some("public")), "lake.public.t");
    }
}
