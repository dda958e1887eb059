//! Parameters that are dates, times and timestamps, in PostgreSQL's ISO spelling and those near to it (`2024-01-02T03:04:05Z`, `… BC`, `infinity`).

use crate::pg::encode::{PG_EPOCH_DAYS, days_from_civil};
use chrono::{DateTime, LocalResult, Offset, TimeZone};
use chrono_tz::Tz;
use weft_core::{Error, ErrorKind, Result};

const DAY: i64 = 86_400_000_000;

/// Days after 1970-01-01.
pub(super) fn date(text: &str) -> Result<i32> {
    let word = text.trim();
    match infinity(word) {
        Some(true) => return Ok(i32::MAX),
        Some(false) => return Ok(i32::MIN),
        None => {}
    }
    let moment = Moment::read(word).ok_or_else(|| malformed("date", text))?;
    i32::try_from(moment.days(text)?).map_err(|_| out_of_range("date", text))
}

/// Microseconds of a day.
pub(super) fn time(text: &str) -> Result<i64> {
    let clock = Clock::read(text.trim()).filter(|c| c.rest.is_empty()).ok_or_else(|| malformed("time", text))?;
    if clock.micros > DAY { Err(out_of_range("date/time field value", text)) } else { Ok(clock.micros) }
}

/// Microseconds after 1970-01-01; a time zone in the text is read over, as PostgreSQL does.
pub(super) fn timestamp(text: &str) -> Result<i64> {
    let word = text.trim();
    match infinity(word) {
        Some(true) => Ok(i64::MAX),
        Some(false) => Ok(i64::MIN),
        None => Moment::read(word).ok_or_else(|| malformed("timestamp", text))?.local_micros(text),
    }
}

/// Microseconds of UTC after 1970-01-01; without a time zone in the text it is a time of `zone`.
pub(super) fn timestamptz(text: &str, zone: Tz) -> Result<i64> {
    let word = text.trim();
    match infinity(word) {
        Some(true) => return Ok(i64::MAX),
        Some(false) => return Ok(i64::MIN),
        None => {}
    }
    let moment = Moment::read(word).ok_or_else(|| malformed("timestamp with time zone", text))?;
    let local = moment.local_micros(text)?;
    let offset = match moment.zone {
        "" => offset_of_local(local, zone),
        "Z" | "z" | "UTC" | "utc" | "GMT" => 0,
        other => match (numeric_offset(other), other.parse::<Tz>()) {
            (Some(offset), _) => offset,
            (None, Ok(named)) => offset_of_local(local, named),
            (None, Err(_)) => return Err(malformed("timestamp with time zone", text)),
        },
    };
    local.checked_sub(offset * 1_000_000).ok_or_else(|| out_of_range("timestamp", text))
}

/// Days after 1970-01-01 of days after 2000-01-01.
pub(super) fn date_of_pg(days: i32) -> Result<i32> {
    match days {
        i32::MAX | i32::MIN => Ok(days),
        days => i32::try_from(i64::from(days) + PG_EPOCH_DAYS).map_err(|_| out_of_range("date", "")),
    }
}

/// Microseconds of a day, checked.
pub(super) fn time_of_pg(micros: i64) -> Result<i64> {
    if (0..=DAY).contains(&micros) { Ok(micros) } else { Err(out_of_range("time", "")) }
}

/// Microseconds after 1970-01-01 of microseconds after 2000-01-01.
pub(super) fn timestamp_of_pg(micros: i64) -> Result<i64> {
    match micros {
        i64::MAX | i64::MIN => Ok(micros),
        micros => micros.checked_add(PG_EPOCH_DAYS * DAY).ok_or_else(|| out_of_range("timestamp", "")),
    }
}

/// A date, perhaps a time of day, perhaps a time zone (as spelled).
struct Moment<'a> {
    year: i64,
    month: u32,
    day: u32,
    micros: i64,
    zone: &'a str,
}

impl<'a> Moment<'a> {
    fn read(text: &'a str) -> Option<Moment<'a>> {
        let (text, before_christ) = match text.strip_suffix("BC").or_else(|| text.strip_suffix("bc")) {
            Some(rest) => (rest.trim_end(), true),
            None => (text, false),
        };
        let (year, rest) = digits(text, 9)?;
        let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
        let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
        let year = if before_christ { 1 - year } else { year };
        let mut moment = Moment { year, month: month as u32, day: day as u32, micros: 0, zone: "" };
        let rest = match rest.strip_prefix('T') {
            Some(rest) => rest,
            None => rest.trim_start(),
        };
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            let clock = Clock::read(rest)?;
            moment.micros = clock.micros;
            moment.zone = clock.rest.trim();
        } else {
            moment.zone = rest.trim();
        }
        Some(moment)
    }

    fn days(&self, text: &str) -> Result<i64> {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let length = match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => 0,
        };
        if self.day == 0 || self.day > length || self.micros > DAY {
            return Err(out_of_range("date/time field value", text));
        }
        Ok(days_from_civil(self.year, self.month, self.day))
    }

    fn local_micros(&self, text: &str) -> Result<i64> {
        self.days(text)?
            .checked_mul(DAY)
            .and_then(|d| d.checked_add(self.micros))
            .ok_or_else(|| out_of_range("timestamp", text))
    }
}

/// A time of day and what follows it.
struct Clock<'a> {
    micros: i64,
    rest: &'a str,
}

impl<'a> Clock<'a> {
    fn read(text: &'a str) -> Option<Clock<'a>> {
        let (hours, rest) = digits(text, 2)?;
        let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let (seconds, rest) = match rest.strip_prefix(':') {
            Some(rest) => digits(rest, 2)?,
            None => (0, rest),
        };
        let (micros, rest) = match rest.strip_prefix('.') {
            Some(rest) => fraction(rest),
            None => (0, rest),
        };
        let valid = hours <= 24 && minutes < 60 && seconds <= 60;
        valid.then_some(Clock { micros: ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros, rest })
    }
}

/// The digits at the front, at most so many.
fn digits(text: &str, most: usize) -> Option<(i64, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=most).contains(&count).then(|| text[..count].parse().ok().map(|n| (n, &text[count..])))?
}

/// Microseconds of digits behind a point, rounded.
fn fraction(text: &str) -> (i64, &str) {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let digit = |i: usize| text.as_bytes().get(i).filter(|_| i < count).map_or(0, |b| i64::from(b - b'0'));
    let micros = (0..6).fold(0, |sum, i| sum * 10 + digit(i)) + i64::from(digit(6) >= 5);
    (micros, &text[count..])
}

/// `+01`, `-0330`, `+05:30:10` in seconds.
fn numeric_offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let plain: String = rest.chars().filter(|c| *c != ':').collect();
    if !plain.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| match plain.get(from..(from + 2).min(plain.len())) {
        Some("") | None => Some(0),
        Some(two) => two.parse::<i64>().ok(),
    };
    (plain.len() <= 6).then_some(sign * (part(0)? * 3600 + part(2)? * 60 + part(4)?))
}

/// Seconds east of Greenwich at a local time; of the two where clocks go back the first, of none where they go forward the one before.
fn offset_of_local(local: i64, zone: Tz) -> i64 {
    let Some(naive) = DateTime::from_timestamp_micros(local).map(|d| d.naive_utc()) else { return 0 };
    let seconds = |offset: &<Tz as TimeZone>::Offset| i64::from(offset.fix().local_minus_utc());
    match zone.offset_from_local_datetime(&naive) {
        LocalResult::Single(offset) | LocalResult::Ambiguous(_, offset) => seconds(&offset),
        LocalResult::None => seconds(&zone.offset_from_utc_datetime(&(naive - chrono::TimeDelta::days(1)))),
    }
}

fn infinity(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "infinity" | "+infinity" => Some(true),
        "-infinity" => Some(false),
        _ => None,
    }
}

fn malformed(sql_name: &str, text: &str) -> Error {
    Error::new(ErrorKind::InvalidDatetimeFormat, format!("invalid input syntax for type {sql_name}: \"{text}\""))
}

fn out_of_range(what: &str, text: &str) -> Error {
    let message =
        if text.is_empty() { format!("{what} out of range") } else { format!("{what} out of range: \"{text}\"") };
    Error::new(ErrorKind::DatetimeOutOfRange, message)
}
