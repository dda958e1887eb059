//! Brings batches to the schema that was planned: DuckDB's own idea of a type (`sum(INT)` is a 128-bit decimal, an ENUM a dictionary) differs from PostgreSQL's, and
//! an operator of the gateway may give a narrower one. A value that does not fit is an error, never a NULL.

use crate::{Error, ErrorKind, Result};
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{Field, SchemaRef};

/// The batch with `schema`'s types, column by position.
pub fn conform(batch: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    if batch.num_columns() != schema.fields().len() {
        return Err(Error::internal(format!(
            "{} columns came where {} were planned",
            batch.num_columns(),
            schema.fields().len()
        )));
    }
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| conform_column(column, field))
        .collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
        .map_err(|e| Error::internal(format!("rows do not fit the plan: {e}")).with_source(e))
}

fn conform_column(column: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    if column.data_type() == field.data_type() {
        return Ok(column.clone());
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, field.data_type(), &options).map_err(|e| {
        Error::new(ErrorKind::NumericOutOfRange, format!("a value of column \"{}\" is out of range", field.name()))
            .with_detail(e.to_string())
            .with_source(e)
    })
}
