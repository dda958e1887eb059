//! Text and binary of composite values, which `ROW(…)` makes. Source: `record_out`, `record_send`.

use super::normal::normalise;
use super::{Format, Writer, cell, put_value};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::NullBuffer;
use bytes::BufMut;
use weft_core::Result;
use weft_core::pgtype::ColumnType;
use weft_engine::TextFormat;

/// A column of the composite.
struct Part {
    column_type: ColumnType,
    nulls: Option<NullBuffer>,
    write: Writer,
}

impl Part {
    fn writer(&self, row: usize) -> Option<&Writer> {
        let is_null = self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        (!is_null).then_some(&self.write)
    }
}

/// `(1,,"a b")`: NULL is nothing at all.
pub(super) fn text(array: &ArrayRef, style: TextFormat) -> Result<Writer> {
    let parts = parts(array, Format::Text, style)?;
    Ok(Box::new(move |row, out| {
        out.put_u8(b'(');
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                out.put_u8(b',');
            }
            if let Some(write) = part.writer(row) {
                let from = out.len();
                write(row, out)?;
                quote(out, from);
            }
        }
        out.put_u8(b')');
        Ok(())
    }))
}

/// The number of columns; of each its type, and its value behind its length.
pub(super) fn binary(array: &ArrayRef, style: TextFormat) -> Result<Writer> {
    let parts = parts(array, Format::Binary, style)?;
    Ok(Box::new(move |row, out| {
        out.put_i32(parts.len() as i32);
        for part in &parts {
            out.put_u32(part.column_type.oid());
            put_value(part.writer(row), row, out)?;
        }
        Ok(())
    }))
}

fn parts(array: &ArrayRef, format: Format, style: TextFormat) -> Result<Vec<Part>> {
    let record = array.as_struct();
    let part = |(column, field): (&ArrayRef, &arrow::datatypes::FieldRef)| {
        let (column, column_type) = (normalise(column)?, ColumnType::of_field(field));
        let write = cell::writer(&column, column_type, format, style)?;
        Ok(Part { column_type, nulls: column.logical_nulls(), write })
    };
    record.columns().iter().zip(record.fields()).map(part).collect()
}

/// Puts what was written from `from` on into quotes if it could be misread without.
fn quote(out: &mut Vec<u8>, from: usize) {
    let special = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\\' | b'(' | b')' | b',' | 0x0b);
    let value = &out[from..];
    if !value.is_empty() && !value.iter().any(special) {
        return;
    }
    let value = value.to_vec();
    out.truncate(from);
    out.put_u8(b'"');
    for byte in value {
        if matches!(byte, b'"' | b'\\') {
            out.put_u8(byte);
        }
        out.put_u8(byte);
    }
    out.put_u8(b'"');
}
