//! `date_trunc`, and the fields of a date that DataFusion does not have: centuries, decades, Julian days. A date is truncated as the moment of its
//! midnight in the session's zone, as PostgreSQL does it.
//!
//! Source: PostgreSQL `timestamp.c` (`timestamp_trunc`, `interval_trunc`, `timestamp_part_common`).

use super::{Function, raise};
use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, PrimitiveArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit, TimeUnit, TimestampMicrosecondType,
};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike};
use chrono_tz::Tz;
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::sync::{Arc, LazyLock};
use weft_core::pgtype::ColumnType;
use weft_core::{Error, ErrorKind};

/// `weft_extract(unit, time)`: fields as whole numbers.
pub static EXTRACT: LazyLock<Arc<ScalarUDF>> =
    LazyLock::new(|| Arc::new(Function::internal("weft_extract", 2, extract_type, |a, t| extract(&a[0], &a[1], t))));

/// Units of `date_trunc`, with PostgreSQL's other names for them.
fn unit(word: &str) -> Option<Unit> {
    let word = word.to_ascii_lowercase();
    Some(match word.strip_suffix('s').unwrap_or(&word) {
        "microsecond" | "usec" | "us" => Unit::Microsecond,
        "millisecond" | "msec" | "ms" => Unit::Millisecond,
        "second" | "sec" => Unit::Second,
        "minute" | "min" => Unit::Minute,
        "hour" | "hr" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" | "mon" => Unit::Month,
        "quarter" | "qtr" => Unit::Quarter,
        "year" | "yr" => Unit::Year,
        "decade" => Unit::Decade,
        "century" | "centurie" | "cent" => Unit::Century,
        "millennium" | "millennia" | "mil" => Unit::Millennium,
        _ => return None,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
}

/// `date_trunc(unit, time)` of a session.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct DateTrunc {
    zone: Tz,
    signature: Signature,
}

impl DateTrunc {
    /// With the zone in which days begin.
    pub fn new(zone: Tz) -> Self {
        DateTrunc { zone, signature: Signature::any(2, Volatility::Stable) }
    }
}

impl ScalarUDFImpl for DateTrunc {
    fn name(&self) -> &str {
        "date_trunc"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(match &types[1] {
            DataType::Timestamp(_, None) => DataType::Timestamp(TimeUnit::Microsecond, None),
            DataType::Timestamp(_, Some(_)) | DataType::Date32 | DataType::Null => {
                DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))
            }
            DataType::Interval(_) => DataType::Interval(IntervalUnit::MonthDayNano),
            other => {
                let name = ColumnType::of_arrow(other).sql_name();
                let message = format!("function date_trunc(unknown, {name}) does not exist");
                return Err(raise(Error::new(ErrorKind::UndefinedFunction, message)));
            }
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if scalar { 1 } else { args.number_rows };
        let arrays = args.args.iter().map(|a| a.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let result = self.truncate(&arrays[0], &arrays[1], args.return_field.data_type())?;
        if scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

impl DateTrunc {
    fn truncate(&self, units: &ArrayRef, times: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
        let units = cast(units, &DataType::Utf8)?;
        let units = units.as_string::<i32>();
        let of = |row: usize| {
            unit(units.value(row)).ok_or_else(|| {
                let name = ColumnType::of_arrow(target).sql_name();
                let message = format!("unit \"{}\" not recognized for type {name}", units.value(row));
                Error::new(ErrorKind::InvalidParameterValue, message)
            })
        };
        let present = |array: &dyn Array, row: usize| array.is_valid(row) && units.is_valid(row);
        if let DataType::Interval(_) = target {
            let intervals = cast(times, target)?;
            let intervals = intervals.as_primitive::<IntervalMonthDayNanoType>();
            let rows = (0..intervals.len()).map(|row| {
                if !present(intervals, row) {
                    return Ok(None);
                }
                interval(of(row)?, intervals.value(row)).map(Some)
            });
            let rows: Vec<_> = rows.collect::<Result<_, Error>>().map_err(raise)?;
            return Ok(Arc::new(rows.into_iter().collect::<PrimitiveArray<IntervalMonthDayNanoType>>()));
        }
        let local = matches!(target, DataType::Timestamp(_, None)) || matches!(times.data_type(), DataType::Date32);
        let in_zone = matches!(target, DataType::Timestamp(_, Some(_)));
        let micros = cast(times, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
        let micros = micros.as_primitive::<TimestampMicrosecondType>();
        let rows = (0..micros.len()).map(|row| {
            if !present(micros, row) {
                return Ok(None);
            }
            let unit = of(row)?;
            let moment = DateTime::from_timestamp_micros(micros.value(row)).ok_or_else(out_of_range)?;
            let clock = if local { moment.naive_utc() } else { moment.with_timezone(&self.zone).naive_local() };
            let cut = moment_of(unit, clock).ok_or_else(out_of_range)?;
            let cut = if in_zone { self.to_utc(cut).ok_or_else(out_of_range)? } else { cut };
            Ok(Some(cut.and_utc().timestamp_micros()))
        });
        let rows: Vec<_> = rows.collect::<Result<_, Error>>().map_err(raise)?;
        let array: PrimitiveArray<TimestampMicrosecondType> = rows.into_iter().collect();
        Ok(Arc::new(array.with_data_type(target.clone())))
    }

    /// The moment at which clocks show this. A time that a change of clocks skips is read with the offset before the change.
    fn to_utc(&self, clock: NaiveDateTime) -> Option<NaiveDateTime> {
        match self.zone.from_local_datetime(&clock).earliest() {
            Some(moment) => Some(moment.naive_utc()),
            None => {
                let hour = chrono::TimeDelta::hours(1);
                let before = self.zone.from_local_datetime(&clock.checked_sub_signed(hour)?).latest()?;
                before.naive_utc().checked_add_signed(hour)
            }
        }
    }
}

fn out_of_range() -> Error {
    Error::new(ErrorKind::DatetimeOutOfRange, "timestamp out of range")
}

/// The beginning of the unit in which the time lies.
fn moment_of(unit: Unit, time: NaiveDateTime) -> Option<NaiveDateTime> {
    let (date, clock) = (time.date(), time.time());
    let year = date.year();
    let begins = |year: i32, month: u32| NaiveDate::from_ymd_opt(year, month, 1).map(|d| d.and_time(NaiveTime::MIN));
    match unit {
        Unit::Microsecond => Some(time),
        Unit::Millisecond => time.with_nanosecond(clock.nanosecond() / 1_000_000 * 1_000_000),
        Unit::Second => time.with_nanosecond(0),
        Unit::Minute => Some(date.and_hms_opt(clock.hour(), clock.minute(), 0)?),
        Unit::Hour => Some(date.and_hms_opt(clock.hour(), 0, 0)?),
        Unit::Day => Some(date.and_time(NaiveTime::MIN)),
        Unit::Week => {
            let days = u64::from(date.weekday().num_days_from_monday());
            Some(date.checked_sub_days(Days::new(days))?.and_time(NaiveTime::MIN))
        }
        Unit::Month => begins(year, date.month()),
        Unit::Quarter => begins(year, (date.month() - 1) / 3 * 3 + 1),
        Unit::Year => begins(year, 1),
        Unit::Decade => begins(year.div_euclid(10) * 10, 1),
        Unit::Century => begins((year - 1).div_euclid(100) * 100 + 1, 1),
        Unit::Millennium => begins((year - 1).div_euclid(1000) * 1000 + 1, 1),
    }
}

fn interval(unit: Unit, value: IntervalMonthDayNano) -> Result<IntervalMonthDayNano, Error> {
    let months = |each: i32| IntervalMonthDayNano::new(value.months / each * each, 0, 0);
    let nanos = |each: i64| IntervalMonthDayNano::new(value.months, value.days, value.nanoseconds / each * each);
    Ok(match unit {
        Unit::Microsecond => nanos(1000),
        Unit::Millisecond => nanos(1_000_000),
        Unit::Second => nanos(1_000_000_000),
        Unit::Minute => nanos(60_000_000_000),
        Unit::Hour => nanos(3_600_000_000_000),
        Unit::Day => IntervalMonthDayNano::new(value.months, value.days, 0),
        Unit::Week => {
            let message = "interval units \"week\" not supported because months usually have fractional weeks";
            return Err(Error::new(ErrorKind::FeatureNotSupported, message));
        }
        Unit::Month => months(1),
        Unit::Quarter => months(3),
        Unit::Year => months(12),
        Unit::Decade => months(120),
        Unit::Century => months(1200),
        Unit::Millennium => months(12_000),
    })
}

/// Units of `weft_extract`.
pub const EXTRACTED: &[&str] =
    &["century", "centuries", "decade", "decades", "millennium", "millennia", "julian", "timezone"];

fn extract_type(types: &[DataType]) -> Result<DataType> {
    match &types[1] {
        // Its Julian day is a whole number too.
        DataType::Date32 => Ok(DataType::Decimal128(10, 0)),
        DataType::Timestamp(..) | DataType::Interval(_) | DataType::Null => Ok(DataType::Decimal128(20, 6)),
        other => Err(unsupported("unit", other)),
    }
}

/// `0A000`
pub fn unsupported(unit: &str, data_type: &DataType) -> DataFusionError {
    let name = ColumnType::of_arrow(data_type).sql_name();
    let message = format!("unit \"{unit}\" not supported for type {name}");
    raise(Error::new(ErrorKind::FeatureNotSupported, message))
}

fn extract(units: &ArrayRef, times: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    let units = cast(units, &DataType::Utf8)?;
    let units = units.as_string::<i32>();
    let word = if units.is_empty() || units.is_null(0) { "" } else { units.value(0) };
    let values: Vec<Option<i128>> = match times.data_type() {
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let years = |i: IntervalMonthDayNano| i64::from(i.months / 12);
            let field: fn(i64) -> i64 = match word {
                "decade" | "decades" => |y| y / 10,
                "century" | "centuries" => |y| y / 100,
                "millennium" | "millennia" => |y| y / 1000,
                other => return Err(unsupported(other, times.data_type())),
            };
            let intervals = times.as_primitive::<IntervalMonthDayNanoType>();
            intervals.iter().map(|i| i.map(|i| i128::from(field(years(i))) * 1_000_000)).collect()
        }
        DataType::Date32 | DataType::Timestamp(..) => {
            let zoned = matches!(times.data_type(), DataType::Timestamp(_, Some(_)));
            if word == "timezone" && !zoned {
                return Err(unsupported(word, times.data_type()));
            }
            let micros = cast(times, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let micros = micros.as_primitive::<TimestampMicrosecondType>();
            let rows = micros.iter().map(|m| m.map(|m| field(word, m).ok_or_else(out_of_range)).transpose());
            rows.collect::<Result<_, Error>>().map_err(raise)?
        }
        other => return internal_err!("{other} has no fields"),
    };
    let DataType::Decimal128(precision, scale) = target else { return internal_err!("extract gives a numeric") };
    let values: Vec<Option<i128>> =
        if *scale == 0 { values.into_iter().map(|v| v.map(|v| v / 1_000_000)).collect() } else { values };
    Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(*precision, *scale)?))
}

/// The field, in millionths.
fn field(word: &str, micros: i64) -> Option<i128> {
    const DAY: i64 = 86_400_000_000;
    /// The Julian day of 1970-01-01.
    const EPOCH: i64 = 2_440_588;
    let year = i128::from(DateTime::from_timestamp_micros(micros)?.year());
    let whole = match word {
        "decade" | "decades" => year.div_euclid(10),
        "century" | "centuries" if year > 0 => (year + 99) / 100,
        "century" | "centuries" => -((99 - (year - 1)) / 100),
        "millennium" | "millennia" if year > 0 => (year + 999) / 1000,
        "millennium" | "millennia" => -((999 - (year - 1)) / 1000),
        "julian" => {
            let day = i128::from(micros.div_euclid(DAY) + EPOCH) * 1_000_000;
            let rest = i128::from(micros.rem_euclid(DAY)) * 1_000_000;
            return Some(day + (rest + i128::from(DAY / 2)) / i128::from(DAY));
        }
        // Moments are shown in the session's zone, and kept in UTC.
        _ => 0,
    };
    Some(whole * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_cut_at_the_beginning_of_a_unit() {
        let time = |text: &str| text.parse::<NaiveDateTime>().expect("a time");
        let at = time("2024-08-15T10:11:12.345678");
        for (word, expected) in [
            ("microseconds", "2024-08-15T10:11:12.345678"),
            ("milliseconds", "2024-08-15T10:11:12.345"),
            ("second", "2024-08-15T10:11:12"),
            ("MINUTE", "2024-08-15T10:11:00"),
            ("hour", "2024-08-15T10:00:00"),
            ("day", "2024-08-15T00:00:00"),
            ("week", "2024-08-12T00:00:00"),
            ("month", "2024-08-01T00:00:00"),
            ("quarter", "2024-07-01T00:00:00"),
            ("year", "2024-01-01T00:00:00"),
            ("decade", "2020-01-01T00:00:00"),
            ("century", "2001-01-01T00:00:00"),
            ("millennium", "2001-01-01T00:00:00"),
        ] {
            let unit = unit(word).expect(word);
            assert_eq!(moment_of(unit, at).expect(word), time(expected), "{word}");
        }
        assert!(unit("fortnight").is_none());
    }

    #[test]
    fn centuries_begin_with_a_year_that_ends_in_one() {
        let century = |text: &str| {
            let micros =
                text.parse::<NaiveDate>().expect("a date").and_time(NaiveTime::MIN).and_utc().timestamp_micros();
            field("century", micros).expect("in range") / 1_000_000
        };
        assert_eq!((century("2000-12-31"), century("2001-01-01"), century("0001-01-01")), (20, 21, 1));
    }
}
