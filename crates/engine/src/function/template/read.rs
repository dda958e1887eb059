//! A time that a text has in the order of a template.

use super::{DAYS, Dots, Field, Fill, MONTHS, Pattern, Piece, out_of_range};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use weft_core::{Error, ErrorKind, Result};

/// What was read.
pub(super) struct Told {
    /// What clocks show.
    pub(super) clock: NaiveDateTime,
    /// Seconds east of Greenwich, if the text says so.
    pub(super) offset: Option<i32>,
}

/// The fields that were found.
#[derive(Default)]
struct Found {
    year: Option<i64>,
    before_christ: bool,
    century: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    julian: Option<i64>,
    hour: i64,
    /// The hour is one of twelve.
    twelve: bool,
    afternoon: Option<bool>,
    minute: i64,
    second: i64,
    micros: i64,
    second_of_day: Option<i64>,
    zone: Option<(i64, i64, i64)>,
}

/// Reads the text.
pub(super) fn read(pieces: &[Piece], text: &str) -> Result<Told> {
    let mut found = Found::default();
    let mut rest = text;
    // Blanks that were passed over and may stand for signs of the template.
    let mut skipped = 0_i64;
    for (place, piece) in pieces.iter().enumerate() {
        if rest.is_empty() {
            break;
        }
        if place == 0 || matches!(piece, Piece::Field(_)) {
            skipped += blanks(&mut rest);
        }
        match piece {
            Piece::Separator(_) => {
                skipped -= 1;
                if rest.starts_with(|c: char| c.is_ascii_whitespace() || is_separator(c)) {
                    rest = &rest[1..];
                    skipped += 1;
                }
            }
            Piece::Text(_) if skipped > 0 => skipped -= 1,
            Piece::Text(_) => rest = rest.chars().next().map_or(rest, |c| &rest[c.len_utf8()..]),
            Piece::Field(field) => {
                let end = if field.fill == Fill::None { End::LastDigit } else { end(pieces, place) };
                let passed = text[..text.len() - rest.len()].chars().next_back().filter(|_| skipped > 0);
                found.field(field, &mut rest, end, passed)?;
                skipped = blanks(&mut rest);
            }
        }
    }
    found.put_together(text)
}

fn is_separator(c: char) -> bool {
    c.is_ascii_graphic() && !c.is_ascii_alphanumeric()
}

fn blanks(rest: &mut &str) -> i64 {
    let after = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let count = rest.len() - after.len();
    *rest = after;
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Where a number ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// After as many digits as its field has.
    Width,
    /// With its last digit, whatever its length.
    LastDigit,
}

/// Where a number in this place ends: with its last digit unless another one follows at once.
fn end(pieces: &[Piece], place: usize) -> End {
    let ordinal = matches!(pieces[place], Piece::Field(Field { ordinal: Some(_), .. }));
    let alone = match pieces.get(place + 1) {
        None | Some(Piece::Separator(_)) => true,
        Some(Piece::Text(c)) => !c.is_ascii_digit(),
        Some(Piece::Field(field)) => !field.pattern.is_of_digits(),
    };
    if ordinal || alone { End::LastDigit } else { End::Width }
}

impl Found {
    /// Reads one; `passed` is the sign that was passed over before it, if there was one.
    fn field(&mut self, field: &Field, rest: &mut &str, end: End, passed: Option<char>) -> Result<()> {
        let mut number = |width: usize| number(field, rest, width, end).map(|(value, _)| value);
        match field.pattern {
            Pattern::Year(5) => {
                let thousands = digits(field, rest)?;
                *rest = rest.strip_prefix(',').ok_or_else(|| invalid(field, rest))?;
                self.year = Some(thousands * 1000 + digits(field, rest)?);
            }
            Pattern::Year(4) => self.year = Some(number(4)?),
            Pattern::Year(count) => {
                let (value, length) = self::number(field, rest, count.into(), end)?;
                self.year = Some(if length < 4 { near_2020(value) } else { value });
            }
            Pattern::Century => self.century = Some(number(2)?),
            Pattern::Month => self.month = Some(number(2)?),
            Pattern::MonthName(_) => self.month = Some(named(field, rest, &MONTHS, usize::MAX)?),
            Pattern::MonthShort(_) => self.month = Some(named(field, rest, &MONTHS, 3)?),
            Pattern::DayName(_) => {
                named(field, rest, &DAYS, usize::MAX)?;
            }
            Pattern::DayShort(_) => {
                named(field, rest, &DAYS, 3)?;
            }
            Pattern::Day => self.day = Some(number(2)?),
            Pattern::DayOfYear => self.day_of_year = Some(number(3)?),
            Pattern::Julian => self.julian = Some(digits(field, rest)?),
            // Read and left out, as in PostgreSQL.
            Pattern::Quarter | Pattern::DayOfWeek => {
                number(1)?;
            }
            Pattern::Hour12 => (self.hour, self.twelve) = (number(2)?, true),
            Pattern::Hour24 => self.hour = number(2)?,
            Pattern::Minute => self.minute = number(2)?,
            Pattern::Second => self.second = number(2)?,
            Pattern::Fraction(count) => {
                let (value, length) = self::number(field, rest, count.into(), end)?;
                let digits = u32::try_from(length).unwrap_or(u32::MAX);
                if digits > count.into() {
                    return Err(outside(field));
                }
                self.micros = value * 10_i64.pow(6_u32.saturating_sub(digits));
            }
            Pattern::SecondOfDay => self.second_of_day = Some(number(5)?),
            Pattern::HalfDay(..) | Pattern::Era(..) => {
                let (first, second) =
                    if matches!(field.pattern, Pattern::Era(..)) { ("AD", "BC") } else { ("AM", "PM") };
                let dots = if field.word.contains('.') { Dots::With } else { Dots::Without };
                let is_second = [(first, false), (second, true)].into_iter().find(|(word, _)| starts(rest, word, dots));
                let (word, is_second) = is_second.ok_or_else(|| invalid(field, rest))?;
                *rest = &rest[word.len() * if dots == Dots::With { 2 } else { 1 }..];
                match field.pattern {
                    Pattern::Era(..) => self.before_christ = is_second,
                    _ => (self.afternoon, self.twelve) = (Some(is_second), true),
                }
            }
            Pattern::ZoneHours => {
                let signed = rest.chars().next().filter(|c| ['+', '-', ' '].contains(c));
                if signed.is_some() {
                    *rest = &rest[1..];
                }
                // A minus may have stood for a sign of the template.
                let sign = if signed.or(passed) == Some('-') { -1 } else { 1 };
                let hours = self::number(field, rest, 2, end)?.0;
                self.zone = Some((sign, hours, self.zone.map_or(0, |(_, _, minutes)| minutes)));
            }
            Pattern::ZoneMinutes => {
                let minutes = number(2)?;
                let (sign, hours, _) = self.zone.unwrap_or((1, 0, 0));
                self.zone = Some((sign, hours, minutes));
            }
            Pattern::IsoYear(_)
            | Pattern::IsoWeek
            | Pattern::IsoDayOfYear
            | Pattern::IsoDayOfWeek
            | Pattern::Week
            | Pattern::WeekOfYear
            | Pattern::MonthRoman(_)
            | Pattern::Zone(_)
            | Pattern::ZoneOffset => {
                return Err(Error::unsupported(format!("to read times by the pattern {}", field.word)));
            }
        }
        if field.ordinal.is_some() {
            *rest = rest.char_indices().nth(2).map_or("", |(at, _)| &rest[at..]);
        }
        Ok(())
    }

    fn put_together(self, text: &str) -> Result<Told> {
        let wrong = || out_of_range(text);
        let within =
            |value: i64, most: i64| u32::try_from(value).ok().filter(|v| i64::from(*v) <= most).ok_or_else(wrong);
        let hour = match (self.twelve, self.afternoon) {
            (true, _) if !(1..=12).contains(&self.hour) => {
                let message = format!("hour \"{}\" is invalid for the 12-hour clock", self.hour);
                return Err(Error::new(ErrorKind::InvalidDatetimeFormat, message)
                    .with_hint("Use the 24-hour clock, or give an hour between 1 and 12."));
            }
            (true, Some(true)) if self.hour < 12 => self.hour + 12,
            (true, Some(false)) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let time = match self.second_of_day {
            Some(seconds) => NaiveTime::from_num_seconds_from_midnight_opt(within(seconds, 86_399)?, 0),
            None => NaiveTime::from_hms_opt(within(hour, 23)?, within(self.minute, 59)?, within(self.second, 59)?),
        };
        let time = time.ok_or_else(wrong)?;
        let year = match (self.year, self.century) {
            (Some(year), Some(century)) if year < 100 => (century - 1) * 100 + year,
            (Some(year), _) => year,
            (None, Some(century)) => (century - 1) * 100 + 1,
            (None, None) => 0,
        };
        let year = if self.before_christ && year > 0 { 1 - year } else { year };
        let year = i32::try_from(year).map_err(|_| wrong())?;
        let date = match (self.julian, self.day_of_year) {
            (Some(day), _) => {
                NaiveDate::from_num_days_from_ce_opt(i32::try_from(day - 1_721_425).map_err(|_| wrong())?)
            }
            (None, Some(day)) if self.month.is_none() => NaiveDate::from_yo_opt(year, within(day, 366)?),
            (None, _) => {
                NaiveDate::from_ymd_opt(year, within(self.month.unwrap_or(1), 12)?, within(self.day.unwrap_or(1), 31)?)
            }
        };
        let date = date.filter(|d| d.checked_add_days(Days::new(1)).is_some()).ok_or_else(wrong)?;
        let offset = match self.zone {
            None => None,
            Some((_, hours, minutes)) if hours > 15 || minutes > 59 => return Err(wrong()),
            Some((sign, hours, minutes)) => i32::try_from(sign * (hours * 3600 + minutes * 60)).ok(),
        };
        Ok(Told { clock: date.and_time(time) + TimeDelta::microseconds(self.micros), offset })
    }
}

/// A number of so many digits, or of all that there are, and its length.
fn number(field: &Field, rest: &mut &str, width: usize, end: End) -> Result<(i64, usize)> {
    let signed = usize::from(rest.starts_with(['-', '+']));
    let all = signed + rest[signed..].bytes().take_while(u8::is_ascii_digit).count();
    let length = if end == End::LastDigit { all } else { all.min(width) };
    if length == signed {
        return Err(invalid(field, rest).with_detail("Value must be an integer."));
    }
    if end == End::Width && rest.len() < width {
        let message = format!("source string too short for \"{}\" formatting field", field.word);
        let detail = format!("Field requires {width} characters, but only {} remain.", rest.len());
        return Err(Error::new(ErrorKind::InvalidDatetimeFormat, message).with_detail(detail));
    }
    if end == End::Width && length < width {
        let detail = format!("Field requires {width} characters, but only {length} could be parsed.");
        return Err(invalid(field, rest).with_detail(detail));
    }
    let (digits, after) = rest.split_at(length);
    let value: i32 = digits.parse().map_err(|_| outside(field))?;
    *rest = after;
    Ok((value.into(), length))
}

/// All digits that come next.
fn digits(field: &Field, rest: &mut &str) -> Result<i64> {
    number(field, rest, 1, End::LastDigit).map(|(value, _)| value)
}

/// The place of a name among these, from 1; so many letters of it are written.
fn named(field: &Field, rest: &mut &str, names: &[&str], letters: usize) -> Result<i64> {
    let written = |name: &&str| name.len().min(letters);
    let found = names.iter().position(|name| starts(rest, &name[..written(name)], Dots::Without));
    let place = found.ok_or_else(|| invalid(field, rest))?;
    *rest = &rest[written(&names[place])..];
    Ok(i64::try_from(place).unwrap_or(i64::MAX) + 1)
}

/// Whether the text begins with this word, in letters of any case, with a sign after each if it has dots.
fn starts(text: &str, word: &str, dots: Dots) -> bool {
    let mut signs = text.chars();
    word.chars().all(|letter| {
        signs.next().is_some_and(|c| c.eq_ignore_ascii_case(&letter))
            && (dots == Dots::Without || signs.next() == Some('.'))
    })
}

/// The year nearest to 2020 that ends so.
fn near_2020(year: i64) -> i64 {
    match year {
        ..70 => year + 2000,
        70..100 => year + 1900,
        100..520 => year + 2000,
        520..1000 => year + 1000,
        _ => year,
    }
}

fn invalid(field: &Field, rest: &str) -> Error {
    let given: String = rest.chars().take(field.word.len()).collect();
    Error::new(ErrorKind::InvalidDatetimeFormat, format!("invalid value \"{given}\" for \"{}\"", field.word))
}

fn outside(field: &Field) -> Error {
    let message = format!("value for \"{}\" in source string is out of range", field.word);
    Error::new(ErrorKind::DatetimeOutOfRange, message)
}
