//! Dates and times: the differences and sums that PostgreSQL types otherwise than DataFusion.
//!
//! Source: PostgreSQL `date.c`, `timestamp.c`: `date - date` is a number of days, `timestamp - timestamp` an interval of days and time.

use super::arithmetic::functions;
use super::{Function, raise};
use arrow::array::{ArrayRef, AsArray, Date32Array, Int32Array, IntervalMonthDayNanoArray};
use arrow::compute::try_binary;
use arrow::datatypes::{DataType, Date32Type, Int32Type, IntervalMonthDayNano, IntervalUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use std::sync::{Arc, LazyLock};
use weft_core::{Error, ErrorKind};

const MICROS_A_DAY: i64 = 86_400_000_000;

functions! {
    DATE_DIFFERENCE "weft_date_difference" 2 int32 date_difference;
    DATE_ADD_DAYS "weft_date_add_days" 2 date date_add_days;
    TIMESTAMP_DIFFERENCE "weft_timestamp_difference" 2 interval timestamp_difference;
}

fn int32(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Int32)
}

fn date(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Date32)
}

fn interval(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Interval(IntervalUnit::MonthDayNano))
}

fn overflow() -> ArrowError {
    ArrowError::ArithmeticOverflow(String::new())
}

fn out_of_range(_: ArrowError) -> datafusion::error::DataFusionError {
    raise(Error::new(ErrorKind::DatetimeOutOfRange, "date out of range"))
}

fn date_difference(a: &[ArrayRef], _: &DataType) -> Result<ArrayRef> {
    let days: Int32Array = try_binary(a[0].as_primitive::<Date32Type>(), a[1].as_primitive::<Date32Type>(), |x, y| {
        x.checked_sub(y).ok_or_else(overflow)
    })
    .map_err(out_of_range)?;
    Ok(Arc::new(days))
}

fn date_add_days(a: &[ArrayRef], _: &DataType) -> Result<ArrayRef> {
    let dates: Date32Array = try_binary(a[0].as_primitive::<Date32Type>(), a[1].as_primitive::<Int32Type>(), |x, y| {
        x.checked_add(y).ok_or_else(overflow)
    })
    .map_err(out_of_range)?;
    Ok(Arc::new(dates))
}

fn timestamp_difference(a: &[ArrayRef], _: &DataType) -> Result<ArrayRef> {
    let (x, y) = (a[0].as_primitive::<TimestampMicrosecondType>(), a[1].as_primitive::<TimestampMicrosecondType>());
    let difference = |x: i64, y: i64| -> Result<IntervalMonthDayNano, ArrowError> {
        let micros = x.checked_sub(y).ok_or_else(overflow)?;
        Ok(IntervalMonthDayNano::new(0, (micros / MICROS_A_DAY) as i32, micros % MICROS_A_DAY * 1000))
    };
    let intervals: IntervalMonthDayNanoArray = try_binary(x, y, difference).map_err(out_of_range)?;
    Ok(Arc::new(intervals))
}
