//! Text to truth values, floats, dates and timestamps as PostgreSQL reads it: `tru`, `2024-1-5`, `Jan 5, 2024`, `2024-01-05 10:11`. What is no date at all is
//! 22007, what is one that the calendar does not have 22008.
//!
//! Source: PostgreSQL `bool.c` (`parse_bool_with_len`), `float.c` (`float8in_internal`), `datetime.c` (`DecodeDateTime`), with `DateStyle` ISO, MDY.

use super::arithmetic::functions;
use super::{Function, raise};
use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Float32Array, Float64Array, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use std::sync::{Arc, LazyLock};
use weft_core::{Error, ErrorKind};

functions! {
    TO_BOOLEAN "weft_boolean_in" 1 boolean_type |a, _| booleans(&a[0]);
    TO_DATE "weft_date_in" 1 date_type |a, _| dates(&a[0]);
    TO_REAL "weft_float4_in" 1 real_type |a, _| reals(&a[0]);
    TO_DOUBLE "weft_float8_in" 1 double_type |a, _| doubles(&a[0]);
    TO_TIMESTAMP "weft_timestamp_in" 1 timestamp_type |a, _| timestamps(&a[0]);
}

fn boolean_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Boolean)
}

fn date_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Date32)
}

fn timestamp_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Timestamp(TimeUnit::Microsecond, None))
}

fn real_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Float32)
}

fn double_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Float64)
}

/// The function that reads text as this type, where PostgreSQL reads it otherwise than arrow.
pub fn reader(target: &DataType) -> Option<&'static Arc<ScalarUDF>> {
    match target {
        DataType::Boolean => Some(&TO_BOOLEAN),
        DataType::Float32 => Some(&TO_REAL),
        DataType::Float64 => Some(&TO_DOUBLE),
        DataType::Date32 => Some(&TO_DATE),
        DataType::Timestamp(TimeUnit::Microsecond, None) => Some(&TO_TIMESTAMP),
        _ => None,
    }
}

fn booleans(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(boolean).transpose());
    Ok(Arc::new(values.collect::<Result<BooleanArray, Error>>().map_err(raise)?))
}

fn dates(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(date).transpose());
    Ok(Arc::new(values.collect::<Result<Date32Array, Error>>().map_err(raise)?))
}

fn reals(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(real).transpose());
    Ok(Arc::new(values.collect::<Result<Float32Array, Error>>().map_err(raise)?))
}

fn doubles(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(double).transpose());
    Ok(Arc::new(values.collect::<Result<Float64Array, Error>>().map_err(raise)?))
}

fn timestamps(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(timestamp).transpose());
    Ok(Arc::new(values.collect::<Result<TimestampMicrosecondArray, Error>>().map_err(raise)?))
}

/// A truth value: its words may be cut short as long as they are unique.
pub fn boolean(text: &str) -> Result<bool, Error> {
    let word = text.trim().to_ascii_lowercase();
    let begins = |whole: &str, least: usize| word.len() >= least && whole.starts_with(&word);
    if begins("true", 1) || begins("yes", 1) || word == "on" || word == "1" {
        return Ok(true);
    }
    if begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0" {
        return Ok(false);
    }
    let message = format!("invalid input syntax for type boolean: \"{text}\"");
    Err(Error::new(ErrorKind::InvalidTextRepresentation, message))
}

/// A `real`.
pub fn real(text: &str) -> Result<f32, Error> {
    const NAME: &str = "real";
    let value: f32 = word_of_number(text, NAME)?.parse().map_err(|_| no_number(text, NAME))?;
    let lost = value.is_infinite() || (value == 0.0 && has_value(text));
    if lost && text.contains(|c: char| c.is_ascii_digit()) { Err(beyond(text, NAME)) } else { Ok(value) }
}

/// A `double precision`.
pub fn double(text: &str) -> Result<f64, Error> {
    const NAME: &str = "double precision";
    let value: f64 = word_of_number(text, NAME)?.parse().map_err(|_| no_number(text, NAME))?;
    let lost = value.is_infinite() || (value == 0.0 && has_value(text));
    if lost && text.contains(|c: char| c.is_ascii_digit()) { Err(beyond(text, NAME)) } else { Ok(value) }
}

/// The text without the blanks around it, if it can be a number: Rust reads `nan` with a sign, PostgreSQL does not.
fn word_of_number<'t>(text: &'t str, name: &str) -> Result<&'t str, Error> {
    let word = text.trim();
    let bare = word.trim_start_matches(['+', '-']);
    if word.len() != bare.len() && bare.eq_ignore_ascii_case("nan") { Err(no_number(text, name)) } else { Ok(word) }
}

/// Whether a digit before the exponent is not zero.
fn has_value(text: &str) -> bool {
    text.chars().take_while(|c| !matches!(c, 'e' | 'E')).any(|c| matches!(c, '1'..='9'))
}

fn no_number(text: &str, name: &str) -> Error {
    Error::new(ErrorKind::InvalidTextRepresentation, format!("invalid input syntax for type {name}: \"{text}\""))
}

fn beyond(text: &str, name: &str) -> Error {
    Error::new(ErrorKind::NumericOutOfRange, format!("\"{text}\" is out of range for type {name}"))
}

/// Days since 1970. A time behind the date is read and left out.
pub fn date(text: &str) -> Result<i32, Error> {
    let epoch = NaiveDate::default();
    let moment = read(text).map_err(|wrong| wrong.error(text, "date"))?;
    i32::try_from(moment.date.signed_duration_since(epoch).num_days()).map_err(|_| Wrong::Range.error(text, "date"))
}

/// Microseconds since 1970. A zone is read and left out.
pub fn timestamp(text: &str) -> Result<i64, Error> {
    const NAME: &str = "timestamp";
    let moment = read(text).map_err(|wrong| wrong.error(text, NAME))?;
    let midnight: DateTime<_> = NaiveDateTime::from(moment.date).and_utc();
    let at = midnight.checked_add_signed(TimeDelta::microseconds(moment.micros));
    at.map(|at| at.timestamp_micros()).ok_or_else(|| Wrong::Range.error(text, NAME))
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Syntax,
    Range,
}

impl Wrong {
    fn error(self, text: &str, name: &str) -> Error {
        match self {
            Wrong::Syntax => Error::new(
                ErrorKind::InvalidDatetimeFormat,
                format!("invalid input syntax for type {name}: \"{text}\""),
            ),
            Wrong::Range => {
                Error::new(ErrorKind::DatetimeOutOfRange, format!("date/time field value out of range: \"{text}\""))
            }
        }
    }
}

/// A day, and the microseconds since its midnight.
struct Moment {
    date: NaiveDate,
    micros: i64,
}

/// The parts that have been found so far.
#[derive(Default)]
struct Parts {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    micros: Option<i64>,
    before_christ: bool,
    half: Option<Half>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

const HOUR: i64 = 3_600_000_000;

fn read(text: &str) -> Result<Moment, Wrong> {
    let lower = text.trim().to_ascii_lowercase();
    if lower == "epoch" {
        return Ok(Moment { date: NaiveDate::default(), micros: 0 });
    }
    let mut parts = Parts::default();
    for field in lower.split(|c: char| c.is_whitespace() || c == ',').filter(|field| !field.is_empty()) {
        match time_after(field) {
            Some((date, time)) => {
                parts.field(date)?;
                parts.field(time)?;
            }
            None => parts.field(field)?,
        }
    }
    parts.finish()
}

/// `2024-01-05t10:11` in its two halves.
fn time_after(field: &str) -> Option<(&str, &str)> {
    let (date, time) = field.split_once('t')?;
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    (digit(date.chars().next_back()) && digit(time.chars().next()) && digit(date.chars().next()))
        .then_some((date, time))
}

fn number(text: &str) -> Result<u32, Wrong> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Wrong::Syntax);
    }
    text.parse().map_err(|_| Wrong::Range)
}

/// The place of a word in a list, by its first three letters or more.
fn place(word: &str, list: &[&str]) -> Option<u32> {
    let found = list.iter().position(|whole| word.len() >= 3 && whole.starts_with(word));
    found.and_then(|i| u32::try_from(i).ok())
}

impl Parts {
    fn field(&mut self, field: &str) -> Result<(), Wrong> {
        let digits = field.bytes().all(|b| b.is_ascii_digit());
        match field.chars().next() {
            _ if field.contains(':') => self.time(field),
            Some('+' | '-') if self.micros.is_some() => zone(field),
            Some('0'..='9') if digits => self.digits(field),
            Some('0'..='9') => self.triple(field),
            Some('a'..='z') => self.word(field),
            _ => Err(Wrong::Syntax),
        }
    }

    /// `20240105`, or beside a month's name a day, or a year of three digits or more.
    fn digits(&mut self, field: &str) -> Result<(), Wrong> {
        if self.month.is_some() || self.day.is_some() {
            return if field.len() <= 2 && self.day.is_none() {
                set(&mut self.day, number(field)?)
            } else {
                self.year(field)
            };
        }
        match field.len() {
            8 => {
                self.year(&field[..4])?;
                self.month = Some(number(&field[4..6])?);
                self.day = Some(number(&field[6..])?);
                Ok(())
            }
            6 => {
                self.year(&field[..2])?;
                self.month = Some(number(&field[2..4])?);
                self.day = Some(number(&field[4..])?);
                Ok(())
            }
            1 | 2 => set(&mut self.day, number(field)?),
            _ => Err(Wrong::Syntax),
        }
    }

    /// Two digits are a year from 1970 to 2069.
    fn year(&mut self, text: &str) -> Result<(), Wrong> {
        let year = i32::try_from(number(text)?).map_err(|_| Wrong::Range)?;
        let year = match (text.len(), year) {
            (1 | 2, 0..70) => 2000 + year,
            (1 | 2, _) => 1900 + year,
            _ => year,
        };
        set(&mut self.year, year)
    }

    /// `2024-1-5`, `1/5/2024`, `5-jan-2024`.
    fn triple(&mut self, field: &str) -> Result<(), Wrong> {
        let separator = field.chars().find(|c| matches!(c, '-' | '/' | '.')).ok_or(Wrong::Syntax)?;
        let parts: Vec<&str> = field.split(separator).collect();
        let [first, second, third] = parts.as_slice() else { return Err(Wrong::Syntax) };
        let (year, month, day) = match place(second, &MONTHS) {
            Some(_) if first.len() > 2 => (first, second, third),
            Some(_) => (third, second, first),
            None if first.len() > 2 => (first, second, third),
            None => (third, first, second),
        };
        self.year(year)?;
        let month = match place(month, &MONTHS) {
            Some(place) => place + 1,
            None => number(month)?,
        };
        set(&mut self.month, month)?;
        set(&mut self.day, number(day)?)
    }

    fn word(&mut self, word: &str) -> Result<(), Wrong> {
        let bare = word.trim_end_matches('.');
        if let Some(month) = place(bare, &MONTHS) {
            return set(&mut self.month, month + 1);
        }
        match bare {
            "bc" => self.before_christ = true,
            "ad" | "z" | "utc" | "gmt" => {}
            "am" => self.half = Some(Half::Morning),
            "pm" => self.half = Some(Half::Afternoon),
            _ if place(bare, &WEEKDAYS).is_some() => {}
            // A zone's name, which a type without zone does not keep.
            _ if self.micros.is_some()
                && chrono_tz::TZ_VARIANTS.iter().any(|z| z.name().eq_ignore_ascii_case(word)) => {}
            _ => return Err(Wrong::Syntax),
        }
        Ok(())
    }

    /// `10:11`, `10:11:12.5`, with an offset behind it.
    fn time(&mut self, field: &str) -> Result<(), Wrong> {
        let end = field.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.'))).unwrap_or(field.len());
        let (clock, rest) = field.split_at(end);
        let mut units = clock.split(':');
        let hours = number(units.next().unwrap_or_default())?;
        let minutes = number(units.next().unwrap_or_default())?;
        let seconds = units.next().unwrap_or("0");
        if units.next().is_some() {
            return Err(Wrong::Syntax);
        }
        let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        let (whole, fraction) = (number(whole)?, micros_of(fraction)?);
        let clock = i64::from(hours) * HOUR + i64::from(minutes) * 60_000_000 + i64::from(whole) * 1_000_000 + fraction;
        if hours > 24 || minutes > 59 || whole > 60 || clock > 24 * HOUR {
            return Err(Wrong::Range);
        }
        set(&mut self.micros, clock)?;
        match rest.chars().next() {
            None => Ok(()),
            Some('+' | '-') => zone(rest),
            Some(_) => self.word(rest),
        }
    }

    fn finish(self) -> Result<Moment, Wrong> {
        let (Some(year), Some(month), Some(day)) = (self.year, self.month, self.day) else { return Err(Wrong::Syntax) };
        if year == 0 {
            return Err(Wrong::Range);
        }
        let year = if self.before_christ { 1 - year } else { year };
        let date = NaiveDate::from_ymd_opt(year, month, day).filter(|d| d.year() > -4713).ok_or(Wrong::Range)?;
        let micros = self.micros.unwrap_or_default();
        let micros = match self.half {
            None => micros,
            Some(_) if !(HOUR..13 * HOUR).contains(&micros) => return Err(Wrong::Range),
            Some(Half::Morning) => micros % (12 * HOUR),
            Some(Half::Afternoon) => micros % (12 * HOUR) + 12 * HOUR,
        };
        Ok(Moment { date, micros })
    }
}

/// A part that is there twice is a mistake.
fn set<T>(part: &mut Option<T>, value: T) -> Result<(), Wrong> {
    match part.replace(value) {
        None => Ok(()),
        Some(_) => Err(Wrong::Syntax),
    }
}

/// The digits behind the point, rounded to microseconds.
fn micros_of(fraction: &str) -> Result<i64, Wrong> {
    if fraction.is_empty() {
        return Ok(0);
    }
    number(&fraction[..fraction.len().min(9)])?;
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Wrong::Syntax);
    }
    let seven: i64 = format!("{fraction:0<7}")[..7].parse().map_err(|_| Wrong::Syntax)?;
    Ok((seven + 5) / 10)
}

/// `+02`, `-05:30`, `+0530`: checked and left out.
fn zone(text: &str) -> Result<(), Wrong> {
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    match (number(&digits)?, digits.len()) {
        (0..=15, 1 | 2) => Ok(()),
        (hours, 4) if hours / 100 <= 15 && hours % 100 < 60 => Ok(()),
        (hours, 6) if hours / 10_000 <= 15 => Ok(()),
        (_, 1 | 2 | 4 | 6) => Err(Wrong::Range),
        _ => Err(Wrong::Syntax),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let day = |y, m, d| {
            let date = NaiveDate::from_ymd_opt(y, m, d).expect("a date");
            i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).expect("in range")
        };
        for text in [
            "2024-01-05",
            " 2024-1-5 ",
            "20240105",
            "Jan 5, 2024",
            "5 January 2024",
            "2024/01/05",
            "1/5/2024",
            "240105",
            "2024-01-05 10:11:12",
            "2024-01-05T10:11",
            "05-Jan-2024",
            "Fri Jan 5 2024",
        ] {
            assert_eq!(date(text).expect(text), day(2024, 1, 5), "{text}");
        }
        assert_eq!(date("0044-03-15 BC").expect("before Christ"), day(-43, 3, 15));
    }

    #[test]
    fn what_is_no_date_and_what_the_calendar_does_not_have() {
        for (text, kind) in [
            ("yesterdy", ErrorKind::InvalidDatetimeFormat),
            ("", ErrorKind::InvalidDatetimeFormat),
            ("2024-01", ErrorKind::InvalidDatetimeFormat),
            ("2024-02-30", ErrorKind::DatetimeOutOfRange),
            ("2024-13-01", ErrorKind::DatetimeOutOfRange),
            ("0000-01-01", ErrorKind::DatetimeOutOfRange),
            ("2024-01-01 25:00", ErrorKind::DatetimeOutOfRange),
        ] {
            assert_eq!(timestamp(text).expect_err(text).kind(), kind, "{text}");
        }
    }

    #[test]
    fn timestamps_with_and_without_seconds() {
        let base = timestamp("2024-01-05").expect("midnight");
        for (text, micros) in [
            ("2024-01-05 10:11", 10 * HOUR + 11 * 60_000_000),
            ("2024-01-05T10:11:12.5", 10 * HOUR + 672_500_000),
            ("2024-01-05 10:11:12.3456789Z", 10 * HOUR + 672_345_679),
            ("2024-01-05 10:11:12+02", 10 * HOUR + 672_000_000),
            ("2024-01-05 1:00 PM", 13 * HOUR),
            ("2024-01-05 12:00 am", 0),
            ("2024-01-05 24:00:00", 24 * HOUR),
            ("2024-01-05 10:00 America/New_York", 10 * HOUR),
        ] {
            assert_eq!(timestamp(text).expect(text) - base, micros, "{text}");
        }
    }

    #[test]
    fn floats_that_do_not_fit() {
        assert_eq!(double(" 1e308 ").expect("fits"), 1e308);
        assert!(double("-Infinity").expect("a word").is_infinite() && double("NaN").expect("a word").is_nan());
        for text in ["1e400", "-1e400", "1e-400"] {
            assert_eq!(double(text).expect_err(text).kind(), ErrorKind::NumericOutOfRange, "{text}");
        }
        assert_eq!(real("1e39").expect_err("too large").kind(), ErrorKind::NumericOutOfRange);
        assert_eq!(double("0e400").expect("zero"), 0.0);
        for text in ["", "x", "-nan", "1 2"] {
            assert_eq!(double(text).expect_err(text).kind(), ErrorKind::InvalidTextRepresentation, "{text}");
        }
    }

    #[test]
    fn words_of_truth() {
        for (text, value) in [("t", true), (" YES ", true), ("1", true), ("on", true), ("of", false), ("N", false)] {
            assert_eq!(boolean(text).expect(text), value);
        }
        assert!(boolean("o").is_err() && boolean("maybe").is_err() && boolean("").is_err());
    }
}
