//! Chooses the writer of a column: by the type that the client was told, its format, and the Arrow type that carries it.

use super::{Format, Writer, array, binary, bytea, float, integer, interval, json, moment, numeric, record, text};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
    IntervalMonthDayNanoType, Time64MicrosecondType, TimestampMicrosecondType,
};
use weft_core::pgtype::{ColumnType, PgType, TEXT};
use weft_core::{Error, Result};
use weft_engine::TextFormat;

/// The writer of a normalised array.
pub(super) fn writer(array: &ArrayRef, column_type: ColumnType, format: Format, style: TextFormat) -> Result<Writer> {
    match (format, column_type) {
        (_, ColumnType::Array(item)) if matches!(array.data_type(), DataType::List(_)) => {
            array::writer(array, item, format, style)
        }
        (Format::Text, ColumnType::Scalar(pg)) => described_text(array, pg, style),
        (Format::Text, _) => as_text(array, style),
        (Format::Binary, _) => as_binary(array, column_type, style),
    }
}

/// Text of a value described as `pg`: bytes may be a uuid.
pub(super) fn described_text(array: &ArrayRef, pg: &PgType, style: TextFormat) -> Result<Writer> {
    match (pg.name, array.data_type()) {
        ("uuid", DataType::FixedSizeBinary(16)) => Ok(text::uuid(array.as_fixed_size_binary().clone())),
        (_, DataType::List(item)) if array::is_nested_array(item.data_type()) => array::text_of(array, pg, style),
        _ => as_text(array, style),
    }
}

/// Else text depends on the Arrow type alone.
pub(super) fn as_text(array: &ArrayRef, style: TextFormat) -> Result<Writer> {
    use DataType::*;
    Ok(match array.data_type() {
        Null => Box::new(|_, _| Ok(())),
        Boolean => text::boolean(array.as_boolean().clone()),
        Int16 => integer::text(array.as_primitive::<Int16Type>().clone()),
        Int32 => integer::text(array.as_primitive::<Int32Type>().clone()),
        Int64 => integer::text(array.as_primitive::<Int64Type>().clone()),
        Float32 => float::text4(array.as_primitive::<Float32Type>().clone(), style.extra_float_digits),
        Float64 => float::text8(array.as_primitive::<Float64Type>().clone(), style.extra_float_digits),
        Decimal128(_, scale) => numeric::text128(array.as_primitive::<Decimal128Type>().clone(), *scale),
        Decimal256(_, scale) => numeric::text256(array.as_primitive::<Decimal256Type>().clone(), *scale),
        Utf8 => text::string(array.as_string::<i32>().clone()),
        Binary => bytea::text(array.as_binary::<i32>().clone(), style.bytea),
        FixedSizeBinary(_) => bytea::fixed(array.as_fixed_size_binary().clone(), style.bytea),
        Date32 => moment::date_text(array.as_primitive::<Date32Type>().clone()),
        Time64(_) => moment::time_text(array.as_primitive::<Time64MicrosecondType>().clone()),
        Timestamp(_, None) => moment::timestamp_text(array.as_primitive::<TimestampMicrosecondType>().clone()),
        Timestamp(_, Some(_)) => {
            moment::timestamptz_text(array.as_primitive::<TimestampMicrosecondType>().clone(), style.time_zone)
        }
        Interval(_) => interval::text(array.as_primitive::<IntervalMonthDayNanoType>().clone(), style.interval),
        Struct(_) => record::text(array, style)?,
        List(item) if array::is_nested_array(item.data_type()) => array::text_of(array, &TEXT, style)?,
        _ => json::text(array, style)?,
    })
}

/// Binary follows the type that the client was told.
pub(super) fn as_binary(array: &ArrayRef, column_type: ColumnType, style: TextFormat) -> Result<Writer> {
    let ColumnType::Scalar(pg) = column_type else { return Err(unfit(array, column_type)) };
    use DataType::*;
    Ok(match (pg.name, array.data_type()) {
        (_, Null) => Box::new(|_, _| Ok(())),
        ("bool", Boolean) => binary::boolean(array.as_boolean().clone()),
        (_, Int16) if pg.category == 'N' => integer::binary(array.as_primitive::<Int16Type>().clone(), pg),
        (_, Int32) if pg.category == 'N' => integer::binary(array.as_primitive::<Int32Type>().clone(), pg),
        (_, Int64) if pg.category == 'N' => integer::binary(array.as_primitive::<Int64Type>().clone(), pg),
        ("float4", Float32) => binary::float4(array.as_primitive::<Float32Type>().clone()),
        ("float8", Float64) => binary::float8(array.as_primitive::<Float64Type>().clone()),
        ("float8", Float32) => binary::float8_of_4(array.as_primitive::<Float32Type>().clone()),
        ("numeric", Decimal128(_, scale)) => numeric::binary128(array.as_primitive::<Decimal128Type>().clone(), *scale),
        ("numeric", Decimal256(_, scale)) => numeric::binary256(array.as_primitive::<Decimal256Type>().clone(), *scale),
        ("bytea", Binary) => binary::bytes(array.as_binary::<i32>().clone()),
        ("bytea" | "uuid", FixedSizeBinary(_)) => binary::fixed_bytes(array.as_fixed_size_binary().clone()),
        ("date", Date32) => moment::date_binary(array.as_primitive::<Date32Type>().clone()),
        ("time", Time64(_)) => moment::time_binary(array.as_primitive::<Time64MicrosecondType>().clone()),
        ("timestamp" | "timestamptz", Timestamp(..)) => {
            moment::timestamp_binary(array.as_primitive::<TimestampMicrosecondType>().clone())
        }
        ("interval", Interval(_)) => interval::binary(array.as_primitive::<IntervalMonthDayNanoType>().clone()),
        ("uuid", Utf8) => binary::uuid(array.as_string::<i32>().clone()),
        ("jsonb", Utf8) => binary::jsonb(array.as_string::<i32>().clone()),
        ("oid" | "regproc" | "regclass" | "regtype" | "regnamespace" | "regrole", Utf8) => {
            binary::oid(array.as_string::<i32>().clone())
        }
        ("int2vector" | "oidvector", Utf8) => binary::vector(array.as_string::<i32>().clone(), pg),
        ("record", Struct(_)) => record::binary(array, style)?,
        ("inet" | "aclitem" | "pg_node_tree", _) => return Err(no_binary(pg.sql_name)),
        // The binary form of all that is text is that text.
        ("text" | "varchar" | "bpchar" | "name" | "char" | "json" | "unknown", _) => as_text(array, style)?,
        _ => return Err(unfit(array, column_type)),
    })
}

fn no_binary(sql_name: &str) -> Error {
    Error::new(
        weft_core::ErrorKind::UndefinedFunction,
        format!("no binary output function available for type {sql_name}"),
    )
    .with_hint("Ask for the text format.")
}

fn unfit(array: &ArrayRef, column_type: ColumnType) -> Error {
    Error::internal(format!("a column described as {} is carried by {}", column_type.sql_name(), array.data_type()))
}
