//! Parameters of type interval: PostgreSQL's words (`1 year 2 mons -3 days 04:05:06.7`) and ISO 8601 (`P1Y2M3DT4H`).

use arrow::datatypes::IntervalMonthDayNano;
use weft_core::{Error, ErrorKind, Result};

/// Nanoseconds of the units below a day.
const SECOND: i128 = 1_000_000_000;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;

/// The interval that the text spells.
pub(super) fn from_text(text: &str) -> Result<IntervalMonthDayNano> {
    let word = text.trim();
    let sum = match word.strip_prefix(['P', 'p']) {
        Some(rest) => iso8601(rest),
        None => words(word),
    };
    let sum = sum.ok_or_else(|| {
        Error::new(ErrorKind::InvalidDatetimeFormat, format!("invalid input syntax for type interval: \"{text}\""))
    })?;
    let out_of_range = || Error::new(ErrorKind::DatetimeOutOfRange, "interval out of range");
    Ok(IntervalMonthDayNano::new(
        i32::try_from(sum.months).map_err(|_| out_of_range())?,
        i32::try_from(sum.days).map_err(|_| out_of_range())?,
        i64::try_from(sum.nanos).map_err(|_| out_of_range())?,
    ))
}

#[derive(Default)]
struct Sum {
    months: i128,
    days: i128,
    nanos: i128,
}

impl Sum {
    /// Adds so many billionths of a unit; a part of a month is counted in days of 30 to the month, a part of a day in hours.
    fn add(&mut self, billionths: i128, unit: &str) -> Option<()> {
        const ONE: i128 = 1_000_000_000;
        let months = match unit {
            "year" | "years" | "yr" | "yrs" | "y" => 12,
            "mon" | "mons" | "month" | "months" => 1,
            "decade" | "decades" => 120,
            "century" | "centuries" => 1_200,
            _ => 0,
        };
        if months != 0 {
            let total = billionths.checked_mul(months)?;
            self.months += total / ONE;
            return self.add((total % ONE) * 30, "day");
        }
        let days = match unit {
            "day" | "days" | "d" => 1,
            "week" | "weeks" | "w" => 7,
            _ => 0,
        };
        if days != 0 {
            let total = billionths.checked_mul(days)?;
            self.days += total / ONE;
            self.nanos += total % ONE * (DAY / ONE);
            return Some(());
        }
        let nanos = match unit {
            "hour" | "hours" | "hr" | "hrs" | "h" => HOUR,
            "minute" | "minutes" | "min" | "mins" | "m" => MINUTE,
            "second" | "seconds" | "sec" | "secs" | "s" => SECOND,
            "millisecond" | "milliseconds" | "ms" => 1_000_000,
            "microsecond" | "microseconds" | "us" => 1_000,
            _ => return None,
        };
        self.nanos = self.nanos.checked_add(billionths.checked_mul(nanos)? / ONE)?;
        Some(())
    }
}

fn words(text: &str) -> Option<Sum> {
    let mut sum = Sum::default();
    let lower = text.to_ascii_lowercase();
    let (lower, ago) = match lower.strip_suffix("ago") {
        Some(rest) => (rest, true),
        None => (lower.as_str(), false),
    };
    let mut rest = lower.trim_start_matches('@').trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end =
            rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ':'))).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let tail = tail.trim_start();
        if number.contains(':') {
            sum.nanos += clock(number)?;
            rest = tail;
            continue;
        }
        let unit_end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        // A bare number at the end is in seconds.
        let unit = if unit.is_empty() && tail.is_empty() { "s" } else { unit };
        sum.add(billionths(number)?, unit)?;
        rest = tail.trim_start();
    }
    if ago {
        sum = Sum { months: -sum.months, days: -sum.days, nanos: -sum.nanos };
    }
    Some(sum)
}

/// `04:05:06.7`, perhaps with a sign, in nanoseconds.
fn clock(text: &str) -> Option<i128> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut parts = text.split(':');
    let hours = parts.next()?.parse::<u32>().ok()?;
    let minutes = parts.next()?.parse::<u32>().ok().filter(|m| *m < 60)?;
    let seconds = parts.next().map_or(Some(0), billionths).filter(|s| (0..=60 * SECOND).contains(s))?;
    parts.next().is_none().then_some(sign * (i128::from(hours) * HOUR + i128::from(minutes) * MINUTE + seconds))
}

/// Without its `P`.
fn iso8601(text: &str) -> Option<Sum> {
    let mut sum = Sum::default();
    let (mut rest, mut in_time) = (text, false);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix(['T', 't']) {
            (rest, in_time) = (tail, true);
            continue;
        }
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let unit = match (rest[end..].chars().next()?.to_ascii_uppercase(), in_time) {
            ('Y', false) => "year",
            ('M', false) => "mon",
            ('W', false) => "week",
            ('D', false) => "day",
            ('H', true) => "hour",
            ('M', true) => "min",
            ('S', true) => "s",
            _ => return None,
        };
        sum.add(billionths(&rest[..end])?, unit)?;
        rest = &rest[end + 1..];
    }
    Some(sum)
}

/// The number in billionths.
fn billionths(text: &str) -> Option<i128> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.len() + fraction.len() == 0 || whole.len() > 18 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    let digit = |i: usize| fraction.as_bytes().get(i).map_or(0, |b| i128::from(b - b'0'));
    Some(sign * (i128::from(whole) * SECOND + (0..9).fold(0, |sum, i| sum * 10 + digit(i))))
}
