//! `AT TIME ZONE`, as the function `timezone(zone, time)`: a timestamptz becomes the local timestamp of the zone, a timestamp the moment that it is there.
//! And what else PostgreSQL does with a timestamptz by the clocks of a zone, which `plan/zone` says is the session's.
//!
//! Source: PostgreSQL `timestamp.c` (`timestamptz_zone`, `timestamp_zone`, `timestamptz_in`, `timestamptz_pl_interval`, `timestamptz_part_common`).

use super::arithmetic::functions;
use super::{Function, input, raise, text};
use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, IntervalMonthDayNano, IntervalMonthDayNanoType, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, Days, LocalResult, Months, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::ScalarUDF;
use std::sync::{Arc, LazyLock};
use weft_core::text::moment::timestamptz_text;
use weft_core::{Error, ErrorKind};

functions! {
    TIMEZONE "timezone" 2 typing |a, t| timezone(&a[0], &a[1], t);
    READ "weft_timestamptz_in" 2 moments |a, _| read(a);
    WRITE "weft_timestamptz_text" 2 texts |a, _| write(a);
    ADD "weft_timestamptz_add" 3 moments |a, _| add(a);
    OFFSET "weft_timezone_offset" 2 seconds |a, _| offset(a);
}

fn moments(_: &[DataType]) -> Result<DataType> {
    Ok(instant())
}

fn texts(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Utf8)
}

fn seconds(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Decimal128(20, 6))
}

/// The type of moments.
pub fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))
}

/// The zone that the plan names.
fn named(zones: &ArrayRef) -> Result<Tz> {
    let zones = cast(zones, &DataType::Utf8)?;
    let zones = zones.as_string::<i32>();
    if zones.is_empty() { Ok(Tz::UTC) } else { zones.value(0).parse().map_err(|_| raise(unknown(zones.value(0)))) }
}

/// Of texts that name no zone it is the zone.
fn read(args: &[ArrayRef]) -> Result<ArrayRef> {
    let (texts, zone) = (cast(&args[0], &DataType::Utf8)?, named(&args[1])?);
    let moments = texts.as_string::<i32>().iter().map(|text| text.map(|t| input::timestamptz(t, zone)).transpose());
    let moments = moments.collect::<Result<TimestampMicrosecondArray, Error>>().map_err(raise)?;
    Ok(Arc::new(moments.with_data_type(instant())))
}

fn write(args: &[ArrayRef]) -> Result<ArrayRef> {
    let moments = cast(&args[0], &instant())?;
    let writer = timestamptz_text(moments.as_primitive::<TimestampMicrosecondType>().clone(), named(&args[1])?);
    text::written(&moments, &writer)
}

fn add(args: &[ArrayRef]) -> Result<ArrayRef> {
    let (moments, zone) = (cast(&args[0], &instant())?, named(&args[2])?);
    let pairs = moments.as_primitive::<TimestampMicrosecondType>().iter();
    let pairs = pairs.zip(args[1].as_primitive::<IntervalMonthDayNanoType>());
    let sums = pairs.map(|pair| match pair {
        (Some(at), Some(by)) => later(at, by, zone).map(Some).ok_or_else(out_of_range),
        _ => Ok(None),
    });
    let sums = sums.collect::<Result<TimestampMicrosecondArray, Error>>().map_err(raise)?;
    Ok(Arc::new(sums.with_data_type(instant())))
}

/// First the months, then the days, on the zone's calendar; then the time.
fn later(micros: i64, by: IntervalMonthDayNano, zone: Tz) -> Option<i64> {
    if is_infinite(micros) {
        return Some(micros);
    }
    let mut micros = micros;
    if by.months != 0 || by.days != 0 {
        let clock = DateTime::from_timestamp_micros(micros)?.with_timezone(&zone).naive_local();
        let months = Months::new(by.months.unsigned_abs());
        let clock = if by.months < 0 { clock.checked_sub_months(months)? } else { clock.checked_add_months(months)? };
        let days = Days::new(by.days.unsigned_abs().into());
        let clock = if by.days < 0 { clock.checked_sub_days(days)? } else { clock.checked_add_days(days)? };
        micros = moment(clock.and_utc().timestamp_micros(), zone)?;
    }
    micros.checked_add(by.nanoseconds / 1000)
}

/// Seconds east of Greenwich.
fn offset(args: &[ArrayRef]) -> Result<ArrayRef> {
    let (moments, zone) = (cast(&args[0], &instant())?, named(&args[1])?);
    let seconds = moments.as_primitive::<TimestampMicrosecondType>().iter().map(|at| {
        let at = at.map(|at| DateTime::from_timestamp_micros(at).ok_or_else(out_of_range)).transpose()?;
        Ok(at.map(|at| i128::from(at.with_timezone(&zone).offset().fix().local_minus_utc()) * 1_000_000))
    });
    let seconds: Decimal128Array = seconds.collect::<Result<_, Error>>().map_err(raise)?;
    Ok(Arc::new(seconds.with_precision_and_scale(20, 6)?))
}

fn typing(types: &[DataType]) -> Result<DataType> {
    match types {
        [_, DataType::Timestamp(_, Some(_))] => Ok(DataType::Timestamp(TimeUnit::Microsecond, None)),
        [_, DataType::Timestamp(_, None) | DataType::Date32] => Ok(instant()),
        _ => plan_err!("AT TIME ZONE takes a timestamp"),
    }
}

fn timezone(zones: &ArrayRef, times: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    let zones = cast(zones, &DataType::Utf8)?;
    let zones = zones.as_string::<i32>();
    let to_local = matches!(target, DataType::Timestamp(_, None));
    let micros = DataType::Timestamp(TimeUnit::Microsecond, if to_local { Some("+00:00".into()) } else { None });
    let times = cast(times, &micros)?;
    let times = times.as_primitive::<TimestampMicrosecondType>();
    let moved = (0..times.len()).map(|row| {
        if times.is_null(row) || zones.is_null(row) {
            return Ok(None);
        }
        let zone: Tz = zones.value(row).parse().map_err(|_| unknown(zones.value(row)))?;
        let moved = if to_local { local(times.value(row), zone) } else { moment(times.value(row), zone) };
        moved.map(Some).ok_or_else(out_of_range)
    });
    let moved: TimestampMicrosecondArray = moved.collect::<Result<Vec<_>, Error>>().map_err(raise)?.into();
    Ok(Arc::new(moved.with_data_type(target.clone())))
}

/// Whether it is infinity, which is so in every zone.
fn is_infinite(micros: i64) -> bool {
    micros == i64::MAX || micros <= i64::MIN + 1
}

fn local(micros: i64, zone: Tz) -> Option<i64> {
    if is_infinite(micros) {
        return Some(micros);
    }
    Some(DateTime::from_timestamp_micros(micros)?.with_timezone(&zone).naive_local().and_utc().timestamp_micros())
}

/// A local time that a change of clocks skips is read with the offset before the change, one that comes twice as the later, as PostgreSQL does.
pub(super) fn moment(micros: i64, zone: Tz) -> Option<i64> {
    if is_infinite(micros) {
        return Some(micros);
    }
    let naive: NaiveDateTime = DateTime::from_timestamp_micros(micros)?.naive_utc();
    match zone.from_local_datetime(&naive) {
        LocalResult::Single(t) => Some(t.timestamp_micros()),
        LocalResult::Ambiguous(_, later) => Some(later.timestamp_micros()),
        LocalResult::None => {
            let hour = chrono::TimeDelta::hours(1);
            let before = zone.from_local_datetime(&naive.checked_sub_signed(hour)?).latest()?;
            Some((before + hour).timestamp_micros())
        }
    }
}

fn unknown(zone: &str) -> Error {
    Error::new(ErrorKind::InvalidParameterValue, format!("time zone \"{zone}\" not recognized"))
        .with_hint("Use an IANA name, such as Europe/Berlin.")
}

fn out_of_range() -> Error {
    Error::new(ErrorKind::DatetimeOutOfRange, "timestamp out of range")
}
