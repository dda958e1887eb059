//! `AT TIME ZONE`, as the function `timezone(zone, time)`: a timestamptz becomes the local timestamp of the zone, a timestamp the moment that it is there.
//!
//! Source: PostgreSQL `timestamp.c` (`timestamptz_zone`, `timestamp_zone`).

use super::{Function, raise};
use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, LocalResult, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{ScalarUDF, Signature, Volatility};
use std::sync::Arc;
use weft_core::{Error, ErrorKind};

/// The function.
pub fn all() -> Vec<Arc<ScalarUDF>> {
    vec![Arc::new(Function::with_signature("timezone", Signature::any(2, Volatility::Immutable), typing, |a, t| {
        timezone(&a[0], &a[1], t)
    }))]
}

fn typing(types: &[DataType]) -> Result<DataType> {
    match types {
        [_, DataType::Timestamp(_, Some(_))] => Ok(DataType::Timestamp(TimeUnit::Microsecond, None)),
        [_, DataType::Timestamp(_, None) | DataType::Date32] => {
            Ok(DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())))
        }
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

fn local(micros: i64, zone: Tz) -> Option<i64> {
    Some(DateTime::from_timestamp_micros(micros)?.with_timezone(&zone).naive_local().and_utc().timestamp_micros())
}

/// A local time that a change of clocks skips is read with the offset before the change, one that comes twice as the later, as PostgreSQL does.
pub(super) fn moment(micros: i64, zone: Tz) -> Option<i64> {
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
