//! Schemas and batches as messages of Flight. It must not know what they mean.

use super::status::in_stream;
use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::ipc::writer::IpcWriteOptions;
use arrow_flight::encode::FlightDataEncoderBuilder;
use arrow_flight::error::FlightError;
use arrow_flight::{FlightData, IpcMessage, SchemaAsIpc};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use tonic::Status;
use weft_core::{Error, Result};

/// Messages of one result.
pub(crate) type Messages = BoxStream<'static, Result<FlightData, Status>>;

/// A schema by itself.
pub(crate) fn schema(schema: &Schema) -> Result<Bytes> {
    let options = IpcWriteOptions::default();
    let IpcMessage(bytes) = SchemaAsIpc::new(schema, &options)
        .try_into()
        .map_err(|e: arrow::error::ArrowError| Error::internal("a schema cannot be written").with_source(e))?;
    Ok(bytes)
}

/// A result that is there.
pub(crate) fn batch(batch: RecordBatch) -> Messages {
    batches(batch.schema(), futures::stream::iter([Ok(batch)]))
}

/// A result as it comes: the schema first, even if nothing follows.
pub(crate) fn batches(
    schema: SchemaRef,
    batches: impl Stream<Item = Result<RecordBatch>> + Send + 'static,
) -> Messages {
    let batches = batches.map(|batch| batch.map_err(|e| in_stream(&e)));
    let messages = FlightDataEncoderBuilder::new().with_schema(schema).build(batches);
    messages.map(|message| message.map_err(told)).boxed()
}

fn told(error: FlightError) -> Status {
    match error {
        FlightError::Tonic(status) => *status,
        other => super::status::status(&Error::internal("rows cannot be sent").with_source(other)),
    }
}
