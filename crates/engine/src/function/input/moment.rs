//! Dates and timestamps in text. Source: PostgreSQL `datetime.c` (`DecodeDateTime`), with `DateStyle` ISO, MDY.

use crate::function::zone::moment as in_zone;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use weft_core::{Error, ErrorKind};

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

/// Microseconds since 1970 in UTC. What names no zone is in this one.
pub fn timestamptz(text: &str, zone: Tz) -> Result<i64, Error> {
    const NAME: &str = "timestamp with time zone";
    let moment = read(text).map_err(|wrong| wrong.error(text, NAME))?;
    let midnight = NaiveDateTime::from(moment.date).and_utc().timestamp_micros();
    let local = midnight.checked_add(moment.micros);
    let at = match moment.zone {
        Some(Zone::Offset(seconds)) => local.and_then(|at| at.checked_sub(i64::from(seconds) * 1_000_000)),
        Some(Zone::Named(named)) => local.and_then(|at| in_zone(at, named)),
        None => local.and_then(|at| in_zone(at, zone)),
    };
    at.ok_or_else(|| Wrong::Range.error(text, NAME))
}

/// Where clocks show a time.
#[derive(Debug, Clone, Copy)]
enum Zone {
    /// So many seconds east of Greenwich.
    Offset(i32),
    /// By its name.
    Named(Tz),
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

/// A day, the microseconds since its midnight, and the zone that is named.
struct Moment {
    date: NaiveDate,
    micros: i64,
    zone: Option<Zone>,
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
    zone: Option<Zone>,
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
        return Ok(Moment { date: NaiveDate::default(), micros: 0, zone: Some(Zone::Offset(0)) });
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
            Some('+' | '-') if self.micros.is_some() => set(&mut self.zone, offset(field)?),
            _ if field.contains(':') => self.time(field),
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
            "ad" => {}
            "z" | "utc" | "gmt" => return set(&mut self.zone, Zone::Offset(0)),
            "am" => self.half = Some(Half::Morning),
            "pm" => self.half = Some(Half::Afternoon),
            _ if place(bare, &WEEKDAYS).is_some() => {}
            _ => {
                let named = chrono_tz::TZ_VARIANTS.iter().find(|z| z.name().eq_ignore_ascii_case(word));
                let named = named.filter(|_| self.micros.is_some()).ok_or(Wrong::Syntax)?;
                return set(&mut self.zone, Zone::Named(*named));
            }
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
            Some('+' | '-') => set(&mut self.zone, offset(rest)?),
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
        Ok(Moment { date, micros, zone: self.zone })
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

/// `+02`, `-05:30`, `+0530`.
fn offset(text: &str) -> Result<Zone, Wrong> {
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let number = number(&digits)?;
    let (hours, minutes, seconds) = match digits.len() {
        1 | 2 => (number, 0, 0),
        4 => (number / 100, number % 100, 0),
        6 => (number / 10_000, number / 100 % 100, number % 100),
        _ => return Err(Wrong::Syntax),
    };
    if hours > 15 || minutes > 59 || seconds > 59 {
        return Err(Wrong::Range);
    }
    let east = i32::try_from(hours * 3600 + minutes * 60 + seconds).map_err(|_| Wrong::Range)?;
    Ok(Zone::Offset(if text.starts_with('-') { -east } else { east }))
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
}
