//! Values that no type of PostgreSQL fits (maps, lists of them) as JSON text.

use super::normal::normalise;
use super::{Writer, cell};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use bytes::BufMut;
use weft_core::{Error, Result};
use weft_engine::TextFormat;

/// The JSON of each value: objects for structs and maps, arrays for lists.
pub(super) fn text(array: &ArrayRef, style: TextFormat) -> Result<Writer> {
    let value = writer(array, style)?;
    Ok(Box::new(move |row, out| value(row, out)))
}

/// As [`text`], and `null` for nulls.
fn writer(array: &ArrayRef, style: TextFormat) -> Result<Writer> {
    let array = normalise(array)?;
    let nulls = array.logical_nulls();
    let inner = not_null(&array, style)?;
    Ok(Box::new(move |row, out| {
        if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            out.put_slice(b"null");
            return Ok(());
        }
        inner(row, out)
    }))
}

fn not_null(array: &ArrayRef, style: TextFormat) -> Result<Writer> {
    match array.data_type() {
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns().iter().map(|c| writer(c, style)).collect::<Result<Vec<_>>>()?;
            let names: Vec<String> = fields.iter().map(|f| f.name().clone()).collect();
            Ok(Box::new(move |row, out| {
                out.put_u8(b'{');
                for (i, (name, column)) in names.iter().zip(&columns).enumerate() {
                    if i > 0 {
                        out.put_u8(b',');
                    }
                    put_string(name, out);
                    out.put_u8(b':');
                    column(row, out)?;
                }
                out.put_u8(b'}');
                Ok(())
            }))
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>().clone();
            let item = writer(list.values(), style)?;
            Ok(Box::new(move |row, out| {
                let (start, end) = (list.value_offsets()[row] as usize, list.value_offsets()[row + 1] as usize);
                out.put_u8(b'[');
                for i in start..end {
                    if i > start {
                        out.put_u8(b',');
                    }
                    item(i, out)?;
                }
                out.put_u8(b']');
                Ok(())
            }))
        }
        DataType::Map(..) => {
            let map = array.as_map().clone();
            let key = cell::as_text(&normalise(map.keys())?, style)?;
            let value = writer(map.values(), style)?;
            Ok(Box::new(move |row, out| {
                let (start, end) = (map.value_offsets()[row] as usize, map.value_offsets()[row + 1] as usize);
                out.put_u8(b'{');
                for i in start..end {
                    if i > start {
                        out.put_u8(b',');
                    }
                    quoted(out, |out| key(i, out))?;
                    out.put_u8(b':');
                    value(i, out)?;
                }
                out.put_u8(b'}');
                Ok(())
            }))
        }
        DataType::Boolean => {
            let values = array.as_boolean().clone();
            Ok(Box::new(move |row, out| {
                out.put_slice(if values.value(row) { b"true" } else { b"false" });
                Ok(())
            }))
        }
        DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::Decimal128(..) | DataType::Decimal256(..) => {
            cell::as_text(array, style)
        }
        DataType::Float32 | DataType::Float64 => {
            let number = cell::as_text(array, style)?;
            Ok(Box::new(move |row, out| {
                let from = out.len();
                number(row, out)?;
                // JSON has no NaN and no infinity: they are strings.
                if out[from..].ends_with(b"N") || out[from..].ends_with(b"y") {
                    let word = out[from..].to_vec();
                    out.truncate(from);
                    out.put_u8(b'"');
                    out.put_slice(&word);
                    out.put_u8(b'"');
                }
                Ok(())
            }))
        }
        DataType::Union(..) => Err(Error::unsupported(format!("a column of type {}", array.data_type()))),
        _ => {
            let text = cell::as_text(array, style)?;
            Ok(Box::new(move |row, out| quoted(out, |out| text(row, out))))
        }
    }
}

/// What `write` writes, as a JSON string.
fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
    let from = out.len();
    write(out)?;
    let text = out[from..].to_vec();
    out.truncate(from);
    put_string(std::str::from_utf8(&text).unwrap_or_default(), out);
    Ok(())
}

fn put_string(text: &str, out: &mut Vec<u8>) {
    out.put_u8(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.put_slice(b"\\\""),
            b'\\' => out.put_slice(b"\\\\"),
            b'\n' => out.put_slice(b"\\n"),
            b'\r' => out.put_slice(b"\\r"),
            b'\t' => out.put_slice(b"\\t"),
            0..0x20 => {
                out.put_slice(b"\\u00");
                super::bytea::put_hex(byte, out);
            }
            _ => out.put_u8(byte),
        }
    }
    out.put_u8(b'"');
}
