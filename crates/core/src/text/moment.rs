//! Text and binary of dates, times and timestamps. Source: `EncodeDateOnly`, `EncodeDateTime` with `USE_ISO_DATES`, and the `send` functions.
//! Infinity is the largest or smallest number of the type, or one beside the smallest, as DuckDB has it.

use super::Writer;
use super::civil::{Era, PG_EPOCH_DAYS, put_clock, put_date, put_fraction, put_two};
use crate::{Error, ErrorKind};
use arrow::array::{Date32Array, Time64MicrosecondArray, TimestampMicrosecondArray};
use bytes::BufMut;
use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

const DAY: i64 = 86_400_000_000;

/// `2024-01-02`
pub fn date_text(array: Date32Array) -> Writer {
    Box::new(move |row, out| {
        let days = array.value(row);
        match days {
            i32::MAX => out.put_slice(b"infinity"),
            days if days <= i32::MIN + 1 => out.put_slice(b"-infinity"),
            days => {
                if put_date(i64::from(days), out) == Era::BeforeChrist {
                    out.put_slice(b" BC");
                }
            }
        }
        Ok(())
    })
}

/// Days after 2000-01-01.
pub fn date_binary(array: Date32Array) -> Writer {
    Box::new(move |row, out| {
        let days = array.value(row);
        out.put_i32(match days {
            i32::MAX => i32::MAX,
            days if days <= i32::MIN + 1 => i32::MIN,
            days => i32::try_from(i64::from(days) - PG_EPOCH_DAYS).map_err(|_| out_of_range("date"))?,
        });
        Ok(())
    })
}

/// `04:05:06.789`
pub fn time_text(array: Time64MicrosecondArray) -> Writer {
    Box::new(move |row, out| {
        put_clock(array.value(row), out);
        Ok(())
    })
}

/// Microseconds.
pub fn time_binary(array: Time64MicrosecondArray) -> Writer {
    Box::new(move |row, out| {
        out.put_i64(array.value(row));
        Ok(())
    })
}

/// `2024-01-02 04:05:06.789`
pub fn timestamp_text(array: TimestampMicrosecondArray) -> Writer {
    Box::new(move |row, out| {
        let micros = array.value(row);
        if !put_infinity(micros, out) && put_moment(micros, out) == Era::BeforeChrist {
            out.put_slice(b" BC");
        }
        Ok(())
    })
}

/// `2024-01-02 04:05:06.789+01`, in the time zone of the session.
pub fn timestamptz_text(array: TimestampMicrosecondArray, zone: Tz) -> Writer {
    Box::new(move |row, out| {
        let micros = array.value(row);
        if put_infinity(micros, out) {
            return Ok(());
        }
        let offset = offset_seconds(micros, zone);
        let local = micros.checked_add(i64::from(offset) * 1_000_000).ok_or_else(|| out_of_range("timestamp"))?;
        let era = put_moment(local, out);
        put_offset(offset, out);
        if era == Era::BeforeChrist {
            out.put_slice(b" BC");
        }
        Ok(())
    })
}

/// Microseconds after 2000-01-01, of UTC where there is a time zone.
pub fn timestamp_binary(array: TimestampMicrosecondArray) -> Writer {
    Box::new(move |row, out| {
        let micros = array.value(row);
        out.put_i64(match micros {
            i64::MAX => i64::MAX,
            micros if micros <= i64::MIN + 1 => i64::MIN,
            micros => micros.checked_sub(PG_EPOCH_DAYS * DAY).ok_or_else(|| out_of_range("timestamp"))?,
        });
        Ok(())
    })
}

fn put_infinity(micros: i64, out: &mut Vec<u8>) -> bool {
    match micros {
        i64::MAX => out.put_slice(b"infinity"),
        micros if micros <= i64::MIN + 1 => out.put_slice(b"-infinity"),
        _ => return false,
    }
    true
}

fn put_moment(micros: i64, out: &mut Vec<u8>) -> Era {
    let era = put_date(micros.div_euclid(DAY), out);
    out.put_u8(b' ');
    let of_day = micros.rem_euclid(DAY);
    put_clock(of_day - of_day % 1_000_000, out);
    put_fraction((of_day % 1_000_000) as u32, out);
    era
}

/// Seconds east of Greenwich in the zone at that moment.
fn offset_seconds(micros: i64, zone: Tz) -> i32 {
    if zone == Tz::UTC {
        return 0;
    }
    // Far beyond the years that the library knows, the rule of its last ones holds.
    let known = DateTime::from_timestamp_micros(micros).unwrap_or(if micros < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    });
    zone.offset_from_utc_datetime(&known.naive_utc()).fix().local_minus_utc()
}

/// `+01`, `+05:30`, `-00:01:15`
fn put_offset(seconds: i32, out: &mut Vec<u8>) {
    out.put_u8(if seconds < 0 { b'-' } else { b'+' });
    let seconds = seconds.unsigned_abs();
    put_two(seconds / 3600, out);
    if !seconds.is_multiple_of(3600) {
        out.put_u8(b':');
        put_two(seconds / 60 % 60, out);
    }
    if !seconds.is_multiple_of(60) {
        out.put_u8(b':');
        put_two(seconds % 60, out);
    }
}

fn out_of_range(what: &str) -> Error {
    Error::new(ErrorKind::DatetimeOutOfRange, format!("{what} out of range"))
}
