//! Text and binary of arrays. Source: `array_out`, `array_send`.

use super::normal::normalise;
use super::{Format, Writer, cell, put_value};
use arrow::array::{Array, ArrayRef, AsArray, ListArray};
use arrow::datatypes::DataType;
use bytes::BufMut;
use std::ops::Range;
use std::sync::Arc;
use weft_core::pgtype::{ColumnType, PgType};
use weft_core::{Error, ErrorKind, Result};
use weft_engine::TextFormat;

/// The writer of a list whose items are described as `item`.
pub(super) fn writer(array: &ArrayRef, item: &'static PgType, format: Format, style: TextFormat) -> Result<Writer> {
    match format {
        Format::Text => text_of(array, item, style),
        Format::Binary => binary(array, item, style),
    }
}

/// Whether a list of such items is written in braces; lists of maps are JSON.
pub(super) fn is_nested_array(item: &DataType) -> bool {
    use DataType::*;
    match item {
        List(inner) | LargeList(inner) | FixedSizeList(inner, _) | ListView(inner) => {
            is_nested_array(inner.data_type())
        }
        Map(..) | Union(..) => false,
        _ => true,
    }
}

/// `{1,NULL,"a b"}`; items that are lists themselves stand in braces of their own.
pub(super) fn text_of(array: &ArrayRef, item: &PgType, style: TextFormat) -> Result<Writer> {
    let list = array.as_list::<i32>().clone();
    let items = normalise(list.values())?;
    let nulls = items.logical_nulls();
    let quoting = quoting(items.data_type());
    let write = cell::described_text(&items, item, style)?;
    Ok(Box::new(move |row, out| {
        let (start, end) = (list.value_offsets()[row] as usize, list.value_offsets()[row + 1] as usize);
        out.put_u8(b'{');
        for i in start..end {
            if i > start {
                out.put_u8(b',');
            }
            if nulls.as_ref().is_some_and(|n| n.is_null(i)) {
                out.put_slice(b"NULL");
                continue;
            }
            let from = out.len();
            write(i, out)?;
            if quoting == Quoting::AsNeeded {
                quote(out, from);
            }
        }
        out.put_u8(b'}');
        Ok(())
    }))
}

/// Whether items may need quotes.
#[derive(PartialEq, Eq)]
enum Quoting {
    Never,
    AsNeeded,
}

fn quoting(item: &DataType) -> Quoting {
    use DataType::*;
    match item {
        Boolean | Int16 | Int32 | Int64 | Float32 | Float64 | Decimal128(..) | Decimal256(..) | Time64(_) | List(_) => {
            Quoting::Never
        }
        _ => Quoting::AsNeeded,
    }
}

/// Puts what was written from `from` on into quotes if it could be misread without.
fn quote(out: &mut Vec<u8>, from: usize) {
    let item = &out[from..];
    let special = |b: &u8| matches!(b, b'"' | b'\\' | b'{' | b'}' | b',' | b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    if !item.is_empty() && !item.eq_ignore_ascii_case(b"null") && !item.iter().any(special) {
        return;
    }
    let item = out[from..].to_vec();
    out.truncate(from);
    out.put_u8(b'"');
    for byte in item {
        if matches!(byte, b'"' | b'\\') {
            out.put_u8(b'\\');
        }
        out.put_u8(byte);
    }
    out.put_u8(b'"');
}

/// Dimensions, whether there are nulls, the items' type, and each item behind its length. An empty array has no dimension.
fn binary(array: &ArrayRef, item: &'static PgType, style: TextFormat) -> Result<Writer> {
    let (mut dimensions, mut items) = (Vec::new(), Arc::clone(array));
    while let DataType::List(_) = items.data_type() {
        let list = items.as_list::<i32>().clone();
        items = normalise(list.values())?;
        dimensions.push(list);
    }
    let nulls = items.logical_nulls();
    let write = cell::as_binary(&items, ColumnType::Scalar(item), style)?;
    Ok(Box::new(move |row, out| {
        let (lengths, items) = measure(&dimensions, row)?;
        let is_null = |i: usize| nulls.as_ref().is_some_and(|n| n.is_null(i));
        out.put_i32(lengths.len() as i32);
        out.put_i32(items.clone().any(is_null).into());
        out.put_u32(item.oid);
        for length in lengths {
            out.put_i32(length);
            out.put_i32(1);
        }
        for i in items {
            put_value((!is_null(i)).then_some(&write), i, out)?;
        }
        Ok(())
    }))
}

/// The length of each dimension of the array in this row, and where its items are. All arrays of one dimension must be equally long, as PostgreSQL's are.
fn measure(dimensions: &[ListArray], row: usize) -> Result<(Vec<i32>, Range<usize>)> {
    let (mut lengths, mut items) = (Vec::with_capacity(dimensions.len()), row..row + 1);
    for list in dimensions {
        let offsets = list.value_offsets();
        let length = |i: usize| offsets[i + 1] - offsets[i];
        let first = length(items.start);
        if items.clone().any(|i| list.is_null(i) || length(i) != first) {
            let message = "multidimensional arrays must have array expressions with matching dimensions";
            return Err(Error::new(ErrorKind::DataException, message).with_hint("Ask for the text format."));
        }
        lengths.push(first);
        items = offsets[items.start] as usize..offsets[items.end] as usize;
        if items.is_empty() {
            return Ok((Vec::new(), items));
        }
    }
    Ok((lengths, items))
}
