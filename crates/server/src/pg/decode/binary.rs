//! Parameters in binary format.

use super::{malformed_binary, moment, number};
use crate::pg::frame::utf8;
use arrow::datatypes::IntervalMonthDayNano;
use weft_core::pgtype::PgType;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::ScalarValue;

/// The value that the bytes hold; all of them must be used.
pub(super) fn scalar(bytes: &[u8], pg: &'static PgType) -> Result<ScalarValue> {
    Ok(match pg.name {
        "bool" => ScalarValue::Boolean(Some(fixed::<1>(bytes, pg)? != [0])),
        "int2" => ScalarValue::Int16(Some(i16::from_be_bytes(fixed(bytes, pg)?))),
        "int4" => ScalarValue::Int32(Some(i32::from_be_bytes(fixed(bytes, pg)?))),
        "int8" => ScalarValue::Int64(Some(i64::from_be_bytes(fixed(bytes, pg)?))),
        "oid" | "regproc" | "regclass" | "regtype" | "regnamespace" | "regrole" => {
            ScalarValue::Int64(Some(u32::from_be_bytes(fixed(bytes, pg)?).into()))
        }
        "float4" => ScalarValue::Float32(Some(f32::from_be_bytes(fixed(bytes, pg)?))),
        "float8" => ScalarValue::Float64(Some(f64::from_be_bytes(fixed(bytes, pg)?))),
        "numeric" => number::from_binary(bytes)?,
        "bytea" => ScalarValue::Binary(Some(bytes.to_vec())),
        "date" => ScalarValue::Date32(Some(moment::date_of_pg(i32::from_be_bytes(fixed(bytes, pg)?))?)),
        "time" => ScalarValue::Time64Microsecond(Some(moment::time_of_pg(i64::from_be_bytes(fixed(bytes, pg)?))?)),
        "timestamp" => ScalarValue::TimestampMicrosecond(
            Some(moment::timestamp_of_pg(i64::from_be_bytes(fixed(bytes, pg)?))?),
            None,
        ),
        "timestamptz" => {
            let micros = moment::timestamp_of_pg(i64::from_be_bytes(fixed(bytes, pg)?))?;
            ScalarValue::TimestampMicrosecond(Some(micros), Some("+00:00".into()))
        }
        "interval" => ScalarValue::IntervalMonthDayNano(Some(interval(fixed(bytes, pg)?)?)),
        "uuid" => ScalarValue::Utf8(Some(uuid::Uuid::from_bytes(fixed(bytes, pg)?).to_string())),
        "jsonb" => match bytes.split_first() {
            Some((1, text)) => ScalarValue::Utf8(Some(utf8(text)?.to_owned())),
            _ => return Err(malformed_binary(pg.sql_name)),
        },
        "text" | "varchar" | "bpchar" | "name" | "char" | "json" | "unknown" => {
            ScalarValue::Utf8(Some(utf8(bytes)?.to_owned()))
        }
        _ => {
            let message = format!("no binary input function available for type {}", pg.sql_name);
            return Err(Error::new(ErrorKind::UndefinedFunction, message).with_hint("Send the text format."));
        }
    })
}

/// Exactly so many bytes.
fn fixed<const N: usize>(bytes: &[u8], pg: &'static PgType) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| malformed_binary(pg.sql_name))
}

/// Microseconds, days, months.
fn interval(bytes: [u8; 16]) -> Result<IntervalMonthDayNano> {
    let [a, b, c, d, e, f, g, h, days @ .., m, n, o, p] = bytes;
    let micros = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
    let nanoseconds =
        micros.checked_mul(1_000).ok_or_else(|| Error::new(ErrorKind::DatetimeOutOfRange, "interval out of range"))?;
    Ok(IntervalMonthDayNano::new(i32::from_be_bytes([m, n, o, p]), i32::from_be_bytes(days), nanoseconds))
}
