//! Casts to text where arrow's spelling is not PostgreSQL's: floats, times, intervals.

use super::arithmetic::functions;
use super::{Function, raise};
use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::datatypes::*;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ScalarUDF;
use std::sync::{Arc, LazyLock};
use weft_core::text::{IntervalStyle, Writer, float, interval, moment};
use weft_core::{Error, ErrorKind};

functions! {
    TO_TEXT "weft_to_text" 1 utf8 |a, _| to_text(&a[0]);
    LIKE_ESCAPE "like_escape" 2 utf8 |a, _| like_escape(&a[0], &a[1]);
    BOOL_LETTER "weft_bool_letter" 1 utf8 |a, _| bool_letter(&a[0]);
}

fn utf8(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Utf8)
}

/// Whether arrow writes values of this type otherwise than PostgreSQL.
pub fn differs(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Float32
            | DataType::Float64
            | DataType::Time64(TimeUnit::Microsecond)
            | DataType::Timestamp(TimeUnit::Microsecond, _)
    ) || *data_type == DataType::Interval(IntervalUnit::MonthDayNano)
}

/// The pattern with backslashes in place of its own character. Source: PostgreSQL's `like_match.c`, `do_like_escape`.
fn like_escape(patterns: &ArrayRef, escapes: &ArrayRef) -> Result<ArrayRef> {
    let texts = |array: &ArrayRef| arrow::compute::cast(array, &DataType::Utf8);
    let (patterns, escapes) = (texts(patterns)?, texts(escapes)?);
    let pairs = patterns.as_string::<i32>().iter().zip(escapes.as_string::<i32>());
    let rewritten = pairs.map(|(pattern, escape)| match (pattern, escape) {
        (Some(pattern), Some(escape)) => escaped(pattern, escape).map(Some).map_err(raise),
        _ => Ok(None),
    });
    Ok(Arc::new(rewritten.collect::<Result<StringArray>>()?))
}

fn escaped(pattern: &str, escape: &str) -> weft_core::Result<String> {
    let mut characters = escape.chars();
    let own = characters.next();
    if characters.next().is_some() {
        let message = "invalid escape string";
        return Err(Error::new(ErrorKind::InvalidEscapeSequence, message)
            .with_hint("Escape string must be empty or one character."));
    }
    if own == Some('\\') {
        return Ok(pattern.to_owned());
    }
    let mut written = String::with_capacity(pattern.len());
    let mut after_own = false;
    for c in pattern.chars() {
        if Some(c) == own && !after_own {
            written.push('\\');
            after_own = true;
            continue;
        }
        if c == '\\' && !after_own {
            // A backslash is itself.
            written.push('\\');
        }
        written.push(c);
        after_own = false;
    }
    Ok(written)
}

/// Timestamps with time zone are written in UTC; the zone of the session is the protocol room's.
fn to_text(array: &ArrayRef) -> Result<ArrayRef> {
    const DIGITS: i8 = 1;
    let writer: Writer = match array.data_type() {
        DataType::Float32 => float::text4(array.as_primitive::<Float32Type>().clone(), DIGITS),
        DataType::Float64 => float::text8(array.as_primitive::<Float64Type>().clone(), DIGITS),
        DataType::Time64(_) => moment::time_text(array.as_primitive::<Time64MicrosecondType>().clone()),
        DataType::Timestamp(_, None) => {
            moment::timestamp_text(array.as_primitive::<TimestampMicrosecondType>().clone())
        }
        DataType::Timestamp(_, Some(_)) => {
            moment::timestamptz_text(array.as_primitive::<TimestampMicrosecondType>().clone(), chrono_tz::UTC)
        }
        DataType::Interval(_) => {
            interval::text(array.as_primitive::<IntervalMonthDayNanoType>().clone(), IntervalStyle::Postgres)
        }
        other => return internal_err!("{other} is not written by to_text"),
    };
    written(array, &writer)
}

/// What the writer writes of each value of the array.
pub(super) fn written(array: &ArrayRef, writer: &Writer) -> Result<ArrayRef> {
    let mut builder = StringBuilder::new();
    let mut buffer = Vec::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
            continue;
        }
        buffer.clear();
        writer(row, &mut buffer).map_err(raise)?;
        builder.append_value(String::from_utf8_lossy(&buffer));
    }
    Ok(Arc::new(builder.finish()))
}

/// `concat` writes truth values as `t` and `f`.
fn bool_letter(array: &ArrayRef) -> Result<ArrayRef> {
    let letters = array.as_boolean().iter().map(|v| v.map(|v| if v { "t" } else { "f" }));
    Ok(Arc::new(letters.collect::<StringArray>()))
}
