//! Text and binary of intervals. Source: `EncodeInterval` with `INTSTYLE_POSTGRES` and `INTSTYLE_ISO_8601`, `interval_send`.

use super::IntervalStyle;
use super::Writer;
use super::civil::{put_fraction, put_two};
use arrow::array::IntervalMonthDayNanoArray;
use arrow::datatypes::IntervalMonthDayNano;
use bytes::BufMut;

/// In the style of the session.
pub fn text(array: IntervalMonthDayNanoArray, style: IntervalStyle) -> Writer {
    Box::new(move |row, out| {
        let parts = Parts::of(array.value(row));
        match style {
            IntervalStyle::Postgres => postgres(&parts, out),
            IntervalStyle::Iso8601 => iso8601(&parts, out),
        }
        Ok(())
    })
}

/// Microseconds, days, months.
pub fn binary(array: IntervalMonthDayNanoArray) -> Writer {
    Box::new(move |row, out| {
        let IntervalMonthDayNano { months, days, nanoseconds } = array.value(row);
        out.put_i64(nanoseconds / 1_000);
        out.put_i32(days);
        out.put_i32(months);
        Ok(())
    })
}

/// Each with its own sign.
struct Parts {
    years: i32,
    months: i32,
    days: i32,
    micros: i64,
}

impl Parts {
    fn of(value: IntervalMonthDayNano) -> Parts {
        Parts {
            years: value.months / 12,
            months: value.months % 12,
            days: value.days,
            micros: value.nanoseconds / 1_000,
        }
    }
}

/// `1 year 2 mons -3 days +04:05:06.7`: a positive part after a negative one has a plus.
fn postgres(parts: &Parts, out: &mut Vec<u8>) {
    let start = out.len();
    let mut after_negative = false;
    for (value, unit) in [(parts.years, " year"), (parts.months, " mon"), (parts.days, " day")] {
        if value == 0 {
            continue;
        }
        if out.len() > start {
            out.put_u8(b' ');
        }
        if after_negative && value > 0 {
            out.put_u8(b'+');
        }
        out.put_slice(itoa::Buffer::new().format(value).as_bytes());
        out.put_slice(unit.as_bytes());
        if value != 1 {
            out.put_u8(b's');
        }
        after_negative = value < 0;
    }
    if out.len() > start && parts.micros == 0 {
        return;
    }
    if out.len() > start {
        out.put_u8(b' ');
    }
    if parts.micros < 0 {
        out.put_u8(b'-');
    } else if after_negative {
        out.put_u8(b'+');
    }
    let micros = parts.micros.unsigned_abs();
    let seconds = micros / 1_000_000;
    put_two((seconds / 3600) as u32, out);
    out.put_u8(b':');
    put_two((seconds / 60 % 60) as u32, out);
    out.put_u8(b':');
    put_two((seconds % 60) as u32, out);
    put_fraction((micros % 1_000_000) as u32, out);
}

/// `P1Y2M-3DT4H5M6.7S`
fn iso8601(parts: &Parts, out: &mut Vec<u8>) {
    if parts.years == 0 && parts.months == 0 && parts.days == 0 && parts.micros == 0 {
        out.put_slice(b"PT0S");
        return;
    }
    out.put_u8(b'P');
    let put = |value: i64, unit: u8, out: &mut Vec<u8>| {
        if value != 0 {
            out.put_slice(itoa::Buffer::new().format(value).as_bytes());
            out.put_u8(unit);
        }
    };
    put(parts.years.into(), b'Y', out);
    put(parts.months.into(), b'M', out);
    put(parts.days.into(), b'D', out);
    if parts.micros == 0 {
        return;
    }
    out.put_u8(b'T');
    put(parts.micros / 3_600_000_000, b'H', out);
    put(parts.micros / 60_000_000 % 60, b'M', out);
    let micros = parts.micros % 60_000_000;
    if micros != 0 {
        if micros < 0 {
            out.put_u8(b'-');
        }
        let micros = micros.unsigned_abs();
        out.put_slice(itoa::Buffer::new().format(micros / 1_000_000).as_bytes());
        put_fraction((micros % 1_000_000) as u32, out);
        out.put_u8(b'S');
    }
}
