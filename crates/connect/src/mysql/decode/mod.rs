//! Rows as MySQL sends them, in its text protocol, into Arrow batches of the schema that the planner expects. A value that does not fit is an error,
//! never another value. It must not know connections, nor which statement the rows answer.

mod column;
mod moment;
mod number;
mod refusal;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatchOptions;
use column::Column;
use mysql_async::consts::ColumnType;
use mysql_async::{Column as SentColumn, Row, Value};
use weft_core::{Error, Result};

/// Rows of one batch at most.
const BATCH_ROWS: usize = 8192;

/// Bytes of one batch, about: a batch ends with the row that reaches them.
const BATCH_BYTES: usize = 8 << 20;

/// A batch that grows by rows.
pub(super) struct Decoder {
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
}

impl Decoder {
    /// For an answer with these columns. An answer of another shape is a defect of the statement.
    pub(super) fn new(schema: SchemaRef, sent: &[SentColumn]) -> Result<Decoder> {
        if sent.len() != schema.fields().len() {
            return Err(Error::internal(format!(
                "the source answered with {} columns where {} were expected",
                sent.len(),
                schema.fields().len()
            )));
        }
        for (sent, field) in sent.iter().zip(schema.fields()) {
            check(sent, field.name())?;
        }
        let columns = schema.fields().iter().map(Column::new).collect::<Result<_>>()?;
        Ok(Decoder { schema, columns, rows: 0, bytes: 0 })
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &Row) -> Result<()> {
        for at in 0..self.columns.len() {
            match row.as_ref(at) {
                Some(Value::Bytes(text)) => self.push_value(at, Some(text))?,
                Some(Value::NULL) => self.push_value(at, None)?,
                _ => return Err(Error::internal("the source sent a row that is not text")),
            }
        }
        self.rows += 1;
        Ok(())
    }

    fn push_value(&mut self, at: usize, text: Option<&[u8]>) -> Result<()> {
        let column = &mut self.columns[at];
        match text {
            Some(text) => {
                self.bytes += text.len();
                column.push(text)
            }
            None => column.push_null(),
        }
    }

    /// Whether it is time to [`take`](Self::take) the batch.
    pub(super) fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    /// The rows so far, if any, leaving none.
    pub(super) fn take(&mut self) -> Result<Option<RecordBatch>> {
        if self.rows == 0 {
            return Ok(None);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let arrays = self.columns.iter_mut().map(Column::finish).collect::<Result<_>>()?;
        (self.rows, self.bytes) = (0, 0);
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .map(Some)
            .map_err(|e| Error::internal("the source's rows do not fit their schema").with_source(e))
    }
}

/// Refuses types whose text is not their value. Templates of columns keep them from being sent.
fn check(sent: &SentColumn, name: &str) -> Result<()> {
    let type_name = match sent.column_type() {
        ColumnType::MYSQL_TYPE_FLOAT => "float, whose text has six digits",
        ColumnType::MYSQL_TYPE_BIT => "bit, whose text is bytes",
        ColumnType::MYSQL_TYPE_GEOMETRY => "geometry, whose text is the source's own",
        _ => return Ok(()),
    };
    Err(Error::internal(format!("column \"{name}\" of the source's answer is of type {type_name}")))
}

#[cfg(test)]
mod tests;
