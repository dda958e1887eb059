//! Rows in PostgreSQL's binary form, decoded straight into Arrow arrays. What a value may become is decided by the type that it has in the server and
//! by the Arrow type that is wanted; what does not fit is an error that names the column. It must not know where rows come from.

mod array;
mod number;
mod scalar;
mod text;
mod time;

#[cfg(test)]
mod tests;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, SchemaRef};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Kind, Type};
use weft_core::{Error, ErrorKind, Result};

/// Takes the values of one column.
trait Column: Send {
    /// The next value; none is NULL.
    fn push(&mut self, value: Option<&[u8]>) -> Result<(), Misfit>;

    /// What was taken since the last time.
    fn finish(&mut self) -> Result<ArrayRef, Misfit>;
}

/// Why a value cannot be delivered.
#[derive(Debug)]
struct Misfit {
    kind: ErrorKind,
    /// Said after `column "x": `.
    why: String,
    hint: &'static str,
}

impl Misfit {
    fn new(kind: ErrorKind, why: impl Into<String>, hint: &'static str) -> Misfit {
        Misfit { kind, why: why.into(), hint }
    }

    /// The server sent something else than it promised.
    fn malformed(what: &str) -> Misfit {
        Misfit::new(ErrorKind::InvalidBinaryRepresentation, format!("malformed {what}"), "")
    }

    fn in_column(self, name: &str) -> Error {
        let error = Error::new(self.kind, format!("column \"{name}\": {}", self.why)).about(name);
        if self.hint.is_empty() { error } else { error.with_hint(self.hint) }
    }
}

/// What reads a value of `source` as a value of `wanted`; nothing where the one cannot stand for the other.
fn column(source: &Type, wanted: &DataType) -> Option<Box<dyn Column>> {
    match source.kind() {
        Kind::Array(item) => array::column(item, wanted),
        Kind::Domain(base) => column(base, wanted),
        _ => number::column(source, wanted)
            .or_else(|| time::column(source, wanted))
            .or_else(|| text::column(source, wanted)),
    }
}

/// The bytes of a value as they came.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Collects rows into batches of one schema.
pub(super) struct RowDecoder {
    schema: SchemaRef,
    columns: Vec<Box<dyn Column>>,
    rows: usize,
    bytes: usize,
}

impl RowDecoder {
    /// For rows like this one.
    pub(super) fn for_rows_like(row: &Row, schema: SchemaRef) -> Result<RowDecoder> {
        if row.len() != schema.fields().len() {
            return Err(changed(format!("{} columns came where {} were expected", row.len(), schema.fields().len())));
        }
        let columns = row.columns().iter().zip(schema.fields()).map(|(source, field)| {
            column(source.type_(), field.data_type()).ok_or_else(|| {
                changed(format!(
                    "column \"{}\" came as {} where {} was expected",
                    field.name(),
                    source.type_().name(),
                    field.data_type()
                ))
            })
        });
        Ok(RowDecoder { columns: columns.collect::<Result<_>>()?, schema, rows: 0, bytes: 0 })
    }

    /// Takes one row in.
    pub(super) fn push(&mut self, row: &Row) -> Result<()> {
        for (index, column) in self.columns.iter_mut().enumerate() {
            let value = row.try_get::<_, Raw<'_>>(index).map_err(|e| changed(e.to_string()))?;
            column.push(value.0).map_err(|misfit| misfit.in_column(self.schema.field(index).name()))?;
        }
        self.rows += 1;
        self.bytes += row.raw_size_bytes();
        Ok(())
    }

    /// Rows taken in since the last batch.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Their bytes, as they came.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The rows taken in since the last time, as a batch.
    pub(super) fn finish(&mut self) -> Result<RecordBatch> {
        let (schema, fields) = (self.schema.clone(), self.schema.fields());
        let arrays = self.columns.iter_mut().zip(fields).map(|(column, field)| {
            let array = column.finish().map_err(|misfit| misfit.in_column(field.name()))?;
            if array.null_count() > 0 && !field.is_nullable() {
                return Err(changed(format!("column \"{}\" has a null value where none was expected", field.name())));
            }
            Ok(array)
        });
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        (self.rows, self.bytes) = (0, 0);
        RecordBatch::try_new_with_options(schema, arrays, &options)
            .map_err(|e| Error::internal("rows of a source do not fit their schema").with_source(e))
    }
}

/// The source does not give what its catalogs said.
fn changed(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::DatatypeMismatch, "the source returned other columns than it had described")
        .with_detail(detail)
        .with_hint("The table has changed meanwhile: run the statement again.")
}
