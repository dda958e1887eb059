//! Values of parameters as clients send them: batches with a column for each parameter and a row for each time that the statement is to be run. It must not know
//! the statement.

use super::fit;
use super::handles::Bound;
use crate::pg::decode;
use crate::pg::encode::Format;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use arrow_flight::FlightData;
use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use chrono_tz::Tz;
use futures::{Stream, StreamExt, TryStreamExt};
use std::time::Duration;
use tonic::Status;
use weft_core::pgtype::ColumnType;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::ScalarValue;

/// What the reader of parameters must know.
pub(crate) struct Expected<'a> {
    /// The types of the parameters.
    pub(crate) types: &'a [ColumnType],
    /// In which texts without a zone are.
    pub(crate) time_zone: Tz,
    /// Bytes of all values.
    pub(crate) max_bytes: usize,
    /// How long the client may send nothing.
    pub(crate) patience: Duration,
}

/// The columns that a client is to send.
pub(crate) fn schema(types: &[ColumnType]) -> Schema {
    let field = |(i, t): (usize, &ColumnType)| weft_engine::field(&format!("${}", i + 1), *t);
    Schema::new(types.iter().enumerate().map(field).collect::<Vec<Field>>())
}

/// Reads all values that come. Messages without a header are no data: a client that has none sends such a one.
pub(crate) async fn read(
    messages: impl Stream<Item = Result<FlightData, Status>> + Send + 'static,
    expected: Expected<'_>,
) -> Result<Bound> {
    let data = messages
        .map_err(|status| FlightError::Tonic(Box::new(status)))
        .try_filter(|message| std::future::ready(!message.data_header.is_empty()));
    let mut batches = FlightRecordBatchStream::new_from_flight_data(data);
    let mut bound = Bound::default();
    loop {
        let next = tokio::time::timeout(expected.patience, batches.next()).await.map_err(|_| {
            Error::new(ErrorKind::QueryCanceled, "the client has sent no parameters for client_write_timeout")
        })?;
        let Some(batch) = next else { return Ok(bound) };
        let batch = batch.map_err(|e| {
            Error::new(ErrorKind::ProtocolViolation, "malformed batch of parameters").with_detail(e.to_string())
        })?;
        bound.bytes += batch.get_array_memory_size();
        if bound.bytes > expected.max_bytes {
            let message = format!("parameters of more than {} bytes", expected.max_bytes);
            return Err(Error::new(ErrorKind::ProgramLimitExceeded, message)
                .with_hint("The setting max_message_bytes limits them."));
        }
        add(&mut bound, &batch, &expected)?;
    }
}

fn add(bound: &mut Bound, batch: &RecordBatch, expected: &Expected<'_>) -> Result<()> {
    if batch.num_columns() != expected.types.len() {
        let message = format!("the statement takes {} parameters, not {}", expected.types.len(), batch.num_columns());
        return Err(Error::new(ErrorKind::ProtocolViolation, message));
    }
    let columns = batch
        .columns()
        .iter()
        .zip(expected.types)
        .map(|(column, t)| Column::of(column, *t))
        .collect::<Result<Vec<_>>>()?;
    for row in 0..batch.num_rows() {
        let values = columns.iter().map(|column| column.value(row, expected.time_zone));
        bound.sets.push(values.collect::<Result<Vec<_>>>()?);
    }
    Ok(())
}

/// One column of a batch.
enum Column {
    /// Texts that stand for values of another type, as in SQL.
    Texts(ArrayRef, ColumnType),
    /// Values of the parameter's type.
    Values(ArrayRef),
}

impl Column {
    fn of(column: &ArrayRef, t: ColumnType) -> Result<Column> {
        let target =
            t.arrow_type().ok_or_else(|| Error::unsupported(format!("a parameter of type {}", t.sql_name())))?;
        let is_text = matches!(column.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        if is_text && target != DataType::Utf8 {
            return Ok(Column::Texts(fit::cast(column, &DataType::Utf8)?, t));
        }
        if column.data_type().is_floating() && target.is_integer() {
            return Err(mismatch(column, t).with_hint("Give whole numbers."));
        }
        fit::cast(column, &target).map(Column::Values).map_err(|_| mismatch(column, t))
    }

    fn value(&self, row: usize, time_zone: Tz) -> Result<ScalarValue> {
        match self {
            Column::Texts(texts, t) => {
                let texts = texts.as_string::<i32>();
                let text = texts.is_valid(row).then(|| texts.value(row).as_bytes());
                decode::parameter(text, Format::Text, *t, time_zone)
            }
            Column::Values(values) => ScalarValue::try_from_array(values, row)
                .map_err(|e| Error::internal("a parameter cannot be read").with_source(e)),
        }
    }
}

fn mismatch(column: &ArrayRef, t: ColumnType) -> Error {
    let message = format!("a parameter of type {} cannot be given as {}", t.sql_name(), column.data_type());
    Error::new(ErrorKind::DatatypeMismatch, message)
}
