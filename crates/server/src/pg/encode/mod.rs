//! Arrow rows as DataRow messages. The writer of each column is chosen once a batch; a row is then written straight into the connection's buffer,
//! without a value in between. Source of the formats: PostgreSQL 16's `*out` and `*send` functions.

mod array;
mod binary;
mod bytea;
mod cell;
mod copy;
mod integer;
mod json;
mod normal;
mod numeric;
mod record;
mod text;

#[cfg(test)]
mod tests;

use arrow::array::Array;
use arrow::buffer::NullBuffer;
use arrow::record_batch::RecordBatch;
use bytes::BufMut;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::{Column, TextFormat};

pub(crate) use copy::CopyEncoder;
pub(crate) use weft_core::text::civil::{PG_EPOCH_DAYS, days_from_civil};
use weft_core::text::{Writer, float, interval, moment};

/// How a value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// As a user reads it.
    Text = 0,
    /// As its type's `send` function writes it.
    Binary = 1,
}

impl Format {
    /// The format with this code of the protocol.
    pub(crate) fn from_code(code: i16) -> Result<Format> {
        match code {
            0 => Ok(Format::Text),
            1 => Ok(Format::Binary),
            _ => Err(Error::new(ErrorKind::InvalidParameterValue, format!("unsupported format code: {code}"))),
        }
    }
}

/// The rows of one batch.
pub(crate) struct RowEncoder {
    columns: Vec<ColumnEncoder>,
    rows: usize,
}

/// One column of the batch.
struct ColumnEncoder {
    nulls: Option<NullBuffer>,
    write: Writer,
}

impl RowEncoder {
    /// Chooses the writers. There must be as many columns and formats as the batch has arrays.
    pub(crate) fn new(
        batch: &RecordBatch,
        columns: &[Column],
        formats: &[Format],
        text: TextFormat,
    ) -> Result<RowEncoder> {
        if batch.num_columns() != columns.len() || columns.len() != formats.len() {
            return Err(Error::internal(format!("{} arrays for {} columns", batch.num_columns(), columns.len())));
        }
        let columns = batch
            .columns()
            .iter()
            .zip(columns)
            .zip(formats)
            .map(|((array, column), format)| {
                let array = normal::normalise(array)?;
                let write = cell::writer(&array, column.column_type, *format, text)?;
                Ok(ColumnEncoder { nulls: array.logical_nulls(), write })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(RowEncoder { columns, rows: batch.num_rows() })
    }

    /// Rows of the batch.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The columns of a row, with the writer of each value that is not NULL.
    fn writers(&self, row: usize) -> impl Iterator<Item = Option<&Writer>> {
        self.columns.iter().map(move |column| match &column.nulls {
            Some(nulls) if nulls.is_null(row) => None,
            _ => Some(&column.write),
        })
    }

    /// Appends the row as one DataRow message; nothing if it fails.
    pub(crate) fn put(&self, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        out.reserve(7 + 16 * self.columns.len());
        out.put_u8(b'D');
        out.put_u32(0);
        out.put_u16(self.columns.len() as u16);
        for writer in self.writers(row) {
            if let Err(error) = put_value(writer, row, out) {
                out.truncate(start);
                return Err(error);
            }
        }
        let length = (out.len() - start - 1) as u32;
        out[start + 1..start + 5].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}

/// Appends a value behind its length in bytes, or -1 for NULL.
fn put_value(writer: Option<&Writer>, row: usize, out: &mut Vec<u8>) -> Result<()> {
    match writer {
        Some(write) => sized(out, |out| write(row, out)),
        None => {
            out.put_i32(-1);
            Ok(())
        }
    }
}

/// Appends what `write` writes behind its length in bytes.
fn sized(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
    let start = out.len();
    out.put_u32(0);
    write(out)?;
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}
