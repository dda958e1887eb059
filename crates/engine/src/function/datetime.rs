//! Dates and times: the differences and sums that PostgreSQL types otherwise than DataFusion.
//!
//! Source: PostgreSQL `date.c`, `timestamp.c`: `date - date` is a number of days, `timestamp - timestamp` an interval of days and time.

use super::arithmetic::{division_by_zero, functions};
use super::{Function, raise};
use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Decimal128Array, Int32Array, IntervalMonthDayNanoArray};
use arrow::compute::{cast, try_binary};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit,
    Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use arrow::error::ArrowError;
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use std::sync::{Arc, LazyLock};
use weft_core::{Error, ErrorKind};

const MICROS_A_DAY: i64 = 86_400_000_000;

functions! {
    DATE_DIFFERENCE "weft_date_difference" 2 int32 date_difference;
    DATE_ADD_DAYS "weft_date_add_days" 2 date date_add_days;
    SECONDS "weft_extract_second" 1 of_a_time |a, _| seconds_of_minute(&a[0]);
    EPOCH "weft_extract_epoch" 1 with_micros |a, _| epoch(&a[0]);
    INTERVAL_ORDER "weft_interval_order" 1 whole |a, _| interval_order(&a[0]);
    INTERVAL_MULTIPLY "weft_interval_multiply" 2 interval |a, _| scaled(a, |x, factor| x * factor);
    INTERVAL_DIVIDE "weft_interval_divide" 2 interval |a, _| divided(a);
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

fn with_micros(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Decimal128(20, 6))
}

/// A date has no seconds.
fn of_a_time(types: &[DataType]) -> Result<DataType> {
    match types {
        [DataType::Date32] => Err(super::calendar::unsupported("second", &DataType::Date32)),
        _ => with_micros(types),
    }
}

fn whole(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Decimal128(38, 0))
}

/// Microseconds since 1970, or since midnight, or of an interval with months of 30 days.
fn micros(array: &ArrayRef) -> Result<Vec<Option<i128>>> {
    Ok(match array.data_type() {
        DataType::Timestamp(..) => {
            let array = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            array.as_primitive::<TimestampMicrosecondType>().iter().map(|v| v.map(i128::from)).collect()
        }
        DataType::Date32 => array
            .as_primitive::<Date32Type>()
            .iter()
            .map(|v| v.map(|d| i128::from(d) * i128::from(MICROS_A_DAY)))
            .collect(),
        DataType::Time64(TimeUnit::Microsecond) => {
            array.as_primitive::<Time64MicrosecondType>().iter().map(|v| v.map(i128::from)).collect()
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let of = |i: IntervalMonthDayNano| {
                (i128::from(i.months) * 30 + i128::from(i.days)) * i128::from(MICROS_A_DAY)
                    + i128::from(i.nanoseconds / 1000)
            };
            array.as_primitive::<IntervalMonthDayNanoType>().iter().map(|v| v.map(of)).collect()
        }
        other => return datafusion::common::plan_err!("no such field of the type {other}"),
    })
}

fn decimals(values: Vec<Option<i128>>, precision: u8, scale: i8) -> Result<ArrayRef> {
    Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale)?))
}

/// `extract(second FROM …)`, with its fraction.
fn seconds_of_minute(array: &ArrayRef) -> Result<ArrayRef> {
    let minute = 60_000_000;
    let of =
        |m: i128| if matches!(array.data_type(), DataType::Interval(_)) { m % minute } else { m.rem_euclid(minute) };
    decimals(micros(array)?.into_iter().map(|v| v.map(of)).collect(), 20, 6)
}

/// `extract(epoch FROM …)`: of an interval a year has 365.25 days.
fn epoch(array: &ArrayRef) -> Result<ArrayRef> {
    if let DataType::Interval(IntervalUnit::MonthDayNano) = array.data_type() {
        let of = |i: IntervalMonthDayNano| {
            let day = i128::from(MICROS_A_DAY);
            let years = i128::from(i.months / 12) * (day * 1461 / 4);
            years + (i128::from(i.months % 12) * 30 + i128::from(i.days)) * day + i128::from(i.nanoseconds / 1000)
        };
        return decimals(array.as_primitive::<IntervalMonthDayNanoType>().iter().map(|v| v.map(of)).collect(), 20, 6);
    }
    decimals(micros(array)?, 20, 6)
}

/// A number by which intervals compare: a month is 30 days, a day 24 hours. Source: `interval_cmp_value`.
fn interval_order(array: &ArrayRef) -> Result<ArrayRef> {
    decimals(micros(array)?, 38, 0)
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

fn divided(a: &[ArrayRef]) -> Result<ArrayRef> {
    let divisors = a[1].as_primitive::<Float64Type>();
    if (0..a[0].len()).any(|row| a[0].is_valid(row) && divisors.is_valid(row) && divisors.value(row) == 0.0) {
        return Err(raise(division_by_zero()));
    }
    scaled(a, |x, divisor| x / divisor)
}

/// Multiplies or divides each part; what is left of months becomes days of them, what is left of days time. Source: `interval_mul`, `interval_div`.
fn scaled(a: &[ArrayRef], op: impl Fn(f64, f64) -> f64) -> Result<ArrayRef> {
    const SECONDS_A_DAY: f64 = 86_400.0;
    /// Beyond 32 bits, or no number.
    fn whole(value: f64) -> Result<f64, ArrowError> {
        let value = value.trunc();
        if value.is_finite() && value.abs() < f64::from(i32::MAX) { Ok(value) } else { Err(overflow()) }
    }
    let to_micros = |seconds: f64| (seconds * 1e6).round_ties_even() / 1e6;
    let one = |i: IntervalMonthDayNano, factor: f64| -> Result<IntervalMonthDayNano, ArrowError> {
        let (months, days) = (op(f64::from(i.months), factor), op(f64::from(i.days), factor));
        let (whole_months, mut whole_days) = (whole(months)?, whole(days)?);
        let rest_days = to_micros((months - whole_months) * 30.0);
        let mut seconds = to_micros((days - whole_days + rest_days - rest_days.trunc()) * SECONDS_A_DAY);
        if seconds.abs() >= SECONDS_A_DAY {
            let more = (seconds / SECONDS_A_DAY).trunc();
            whole_days += more;
            seconds -= more * SECONDS_A_DAY;
        }
        whole_days = whole(whole_days + rest_days.trunc())?;
        let micros = (op((i.nanoseconds / 1000) as f64, factor) + seconds * 1e6).round_ties_even();
        if !micros.is_finite() || micros.abs() >= 9.2e15 {
            return Err(overflow());
        }
        Ok(IntervalMonthDayNano::new(whole_months as i32, whole_days as i32, micros as i64 * 1000))
    };
    let factors = a[1].as_primitive::<Float64Type>();
    let intervals: IntervalMonthDayNanoArray =
        try_binary(a[0].as_primitive::<IntervalMonthDayNanoType>(), factors, one)
            .map_err(|_| raise(Error::new(ErrorKind::DatetimeOutOfRange, "interval out of range")))?;
    Ok(Arc::new(intervals))
}
