//! Brings the many Arrow types down to the few that have writers, a whole array at a time. Values do not change; what does not fit is an error.

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, IntervalMonthDayNanoArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, DurationMicrosecondType, IntervalMonthDayNano, IntervalUnit, Time64NanosecondType, TimeUnit,
    TimestampNanosecondType,
};
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};

/// The same values as one of: Boolean, Int16/32/64, Float32/64, Decimal128/256, Utf8, Binary, FixedSizeBinary, Date32, Time64(µs), Timestamp(µs),
/// Interval(MonthDayNano), List of any, Struct, Map, Null.
pub(super) fn normalise(array: &ArrayRef) -> Result<ArrayRef> {
    use DataType::*;
    let target = match array.data_type() {
        Int8 | UInt8 => Int16,
        UInt16 => Int32,
        UInt32 => Int64,
        UInt64 => Decimal128(20, 0),
        Float16 => Float32,
        Decimal32(precision, scale) | Decimal64(precision, scale) => Decimal128(*precision, *scale),
        LargeUtf8 | Utf8View => Utf8,
        LargeBinary | BinaryView => Binary,
        Date64 => Date32,
        Time64(TimeUnit::Nanosecond) => return Ok(Arc::new(floor_time(array))),
        Time32(_) => Time64(TimeUnit::Microsecond),
        Timestamp(TimeUnit::Nanosecond, zone) => {
            let floored: Int64Array = array.as_primitive::<TimestampNanosecondType>().unary(|ns| ns.div_euclid(1_000));
            return convert(&(Arc::new(floored) as ArrayRef), &Timestamp(TimeUnit::Microsecond, zone.clone()));
        }
        Timestamp(TimeUnit::Second | TimeUnit::Millisecond, zone) => Timestamp(TimeUnit::Microsecond, zone.clone()),
        Interval(IntervalUnit::YearMonth | IntervalUnit::DayTime) => Interval(IntervalUnit::MonthDayNano),
        Duration(_) => return duration(array),
        Dictionary(_, value) => {
            let plain = convert(array, value)?;
            return normalise(&plain);
        }
        RunEndEncoded(_, value) => {
            let plain = convert(array, value.data_type())?;
            return normalise(&plain);
        }
        LargeList(item) | ListView(item) | LargeListView(item) | FixedSizeList(item, _) => List(Arc::clone(item)),
        _ => return Ok(Arc::clone(array)),
    };
    convert(array, &target)
}

fn convert(array: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    cast_with_options(array, target, &CastOptions { safe: false, ..Default::default() }).map_err(|error| {
        Error::new(ErrorKind::DataException, format!("a value of type {} cannot be sent", array.data_type()))
            .with_source(error)
    })
}

fn floor_time(array: &ArrayRef) -> arrow::array::Time64MicrosecondArray {
    array.as_primitive::<Time64NanosecondType>().unary(|ns| ns / 1_000)
}

/// A span of time as an interval without months and days, as PostgreSQL makes it of a difference of times.
fn duration(array: &ArrayRef) -> Result<ArrayRef> {
    let micros = convert(array, &DataType::Duration(TimeUnit::Microsecond))?;
    let intervals: IntervalMonthDayNanoArray = micros.as_primitive::<DurationMicrosecondType>().try_unary(|us| {
        let days = i32::try_from(us / 86_400_000_000).map_err(|_| out_of_range())?;
        Ok(IntervalMonthDayNano::new(0, days, us % 86_400_000_000 * 1_000))
    })?;
    Ok(Arc::new(intervals))
}

fn out_of_range() -> Error {
    Error::new(ErrorKind::DatetimeOutOfRange, "interval out of range")
}
