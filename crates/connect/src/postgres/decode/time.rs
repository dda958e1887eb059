//! Dates, times and intervals: PostgreSQL counts from 2000, Arrow from 1970. Infinity is refused: arithmetic in the gateway would make an ordinary
//! moment of it. Source of the binary forms: `date_send`, `timestamp_send`, `interval_send`.

use super::scalar::{fixed, primitive};
use super::{Column, Misfit};
use arrow::datatypes::{
    DataType, Date32Type, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit, Time64MicrosecondType,
    TimeUnit, TimestampMicrosecondType,
};
use tokio_postgres::types::Type;
use weft_core::ErrorKind;

/// From 1970-01-01 to 2000-01-01.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;

const FINITE: &str = "Leave such rows out, or read the column as text by remote_query.";

/// A column of moments or spans, if `source` is that.
pub(super) fn column(source: &Type, wanted: &DataType) -> Option<Box<dyn Column>> {
    match (source, wanted) {
        (&Type::DATE, DataType::Date32) => Some(primitive::<Date32Type>(wanted, date)),
        (&Type::TIME, DataType::Time64(TimeUnit::Microsecond)) => {
            Some(primitive::<Time64MicrosecondType>(wanted, |v| Ok(i64::from_be_bytes(fixed(v, "time")?))))
        }
        (&Type::TIMESTAMP, DataType::Timestamp(TimeUnit::Microsecond, None))
        | (&Type::TIMESTAMPTZ, DataType::Timestamp(TimeUnit::Microsecond, Some(_))) => {
            Some(primitive::<TimestampMicrosecondType>(wanted, timestamp))
        }
        (&Type::INTERVAL, DataType::Interval(IntervalUnit::MonthDayNano)) => {
            Some(primitive::<IntervalMonthDayNanoType>(wanted, interval))
        }
        _ => None,
    }
}

fn date(value: &[u8]) -> Result<i32, Misfit> {
    match i32::from_be_bytes(fixed(value, "date")?) {
        i32::MAX | i32::MIN => Err(infinite("date")),
        days => days.checked_add(EPOCH_DAYS).ok_or_else(|| out_of_range("date")),
    }
}

fn timestamp(value: &[u8]) -> Result<i64, Misfit> {
    match i64::from_be_bytes(fixed(value, "timestamp")?) {
        i64::MAX | i64::MIN => Err(infinite("timestamp")),
        micros => micros.checked_add(EPOCH_MICROS).ok_or_else(|| out_of_range("timestamp")),
    }
}

fn interval(value: &[u8]) -> Result<IntervalMonthDayNano, Misfit> {
    let bits = u128::from_be_bytes(fixed(value, "interval")?);
    let (micros, days, months) = ((bits >> 64) as i64, (bits >> 32) as i32, bits as i32);
    let nanoseconds = micros.checked_mul(1000).ok_or_else(|| out_of_range("interval"))?;
    Ok(IntervalMonthDayNano { months, days, nanoseconds })
}

fn infinite(what: &str) -> Misfit {
    Misfit::new(ErrorKind::DatetimeOutOfRange, format!("an infinite {what} is not supported"), FINITE)
}

fn out_of_range(what: &str) -> Misfit {
    Misfit::new(ErrorKind::DatetimeOutOfRange, format!("{what} out of range"), "")
}
