//! A time as text by a template.

use super::{Case, DAYS, Dots, Field, Fill, MONTHS, Pattern, Piece};
use chrono::{Datelike, NaiveDateTime, Timelike};
use std::fmt::Write;

/// What clocks show, and by which zone if they go by one: its short name and its offset in seconds.
pub(super) struct Shown {
    pub(super) clock: NaiveDateTime,
    pub(super) zone: Option<(String, i32)>,
}

const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

/// Writes it.
pub(super) fn write(pieces: &[Piece], shown: &Shown) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Separator(sign) | Piece::Text(sign) => text.push(*sign),
            Piece::Field(field) => {
                let value = value(field, shown);
                let ordinal = field.ordinal.filter(|_| value.ends_with(|c: char| c.is_ascii_digit()));
                text.push_str(&value);
                if let Some(case) = ordinal {
                    text.push_str(&cased(ending(&value), case));
                }
            }
        }
    }
    text
}

fn value(field: &Field, Shown { clock, zone }: &Shown) -> String {
    let (date, time) = (clock.date(), clock.time());
    let padded = field.fill == Fill::Padded;
    let number = |value: i64, width: usize| match padded {
        true if value < 0 => format!("-{:0width$}", -value),
        true => format!("{value:0width$}"),
        false => value.to_string(),
    };
    let name = |name: &str, case: Case, width: usize| match padded {
        true => format!("{:width$}", cased(name, case)),
        false => cased(name, case),
    };
    // The year before 1 is 1 BC.
    let year = |year: i32| i64::from(if year > 0 { year } else { 1 - year });
    let digits = |year: i64, count: u8| match count {
        5 => format!("{},{:03}", year / 1000, year % 1000),
        4 => number(year, 4),
        count => number(year % 10_i64.pow(count.into()), count.into()),
    };
    let week = date.iso_week();
    let offset = zone.as_ref().map_or(0, |(_, offset)| *offset);
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 3600, offset.abs() / 60 % 60);
    let monday = i64::from(date.weekday().num_days_from_monday());
    match field.pattern {
        Pattern::Year(count) => digits(year(date.year()), count),
        Pattern::IsoYear(count) => digits(year(week.year()), count),
        Pattern::Era(case, dots) => dotted(if date.year() > 0 { "AD" } else { "BC" }, case, dots),
        Pattern::Century => {
            let year = i64::from(date.year());
            let century = if year > 0 { (year + 99) / 100 } else { -((99 - (year - 1)) / 100) };
            number(century, if (-99..=99).contains(&century) { 2 } else { 1 })
        }
        Pattern::Quarter => ((date.month() - 1) / 3 + 1).to_string(),
        Pattern::Month => number(date.month().into(), 2),
        Pattern::MonthName(case) => name(MONTHS[date.month0() as usize], case, 9),
        Pattern::MonthShort(case) => cased(&MONTHS[date.month0() as usize][..3], case),
        Pattern::MonthRoman(case) => name(ROMAN[date.month0() as usize], case, 4),
        Pattern::Week => ((date.day() - 1) / 7 + 1).to_string(),
        Pattern::WeekOfYear => number(i64::from((date.ordinal() - 1) / 7 + 1), 2),
        Pattern::IsoWeek => number(week.week().into(), 2),
        Pattern::Day => number(date.day().into(), 2),
        Pattern::DayOfYear => number(date.ordinal().into(), 3),
        Pattern::IsoDayOfYear => number((i64::from(week.week()) - 1) * 7 + monday + 1, 3),
        Pattern::DayOfWeek => ((monday + 1) % 7 + 1).to_string(),
        Pattern::IsoDayOfWeek => (monday + 1).to_string(),
        Pattern::DayName(case) => name(DAYS[date.weekday().num_days_from_monday() as usize], case, 9),
        Pattern::DayShort(case) => cased(&DAYS[date.weekday().num_days_from_monday() as usize][..3], case),
        Pattern::Julian => (i64::from(date.num_days_from_ce()) + 1_721_425).to_string(),
        Pattern::Hour12 => number(i64::from((time.hour() + 11) % 12 + 1), 2),
        Pattern::Hour24 => number(time.hour().into(), 2),
        Pattern::Minute => number(time.minute().into(), 2),
        Pattern::Second => number(time.second().into(), 2),
        Pattern::Fraction(count) => {
            let micros = format!("{:06}", time.nanosecond() / 1000);
            micros[..count.into()].to_owned()
        }
        Pattern::SecondOfDay => time.num_seconds_from_midnight().to_string(),
        Pattern::HalfDay(case, dots) => dotted(if time.hour() < 12 { "AM" } else { "PM" }, case, dots),
        Pattern::Zone(case) => zone.as_ref().map_or(String::new(), |(name, _)| cased(name, case)),
        Pattern::ZoneHours => format!("{sign}{hours:02}"),
        Pattern::ZoneMinutes => format!("{minutes:02}"),
        Pattern::ZoneOffset => {
            let mut text = if padded { format!("{sign}{hours:02}") } else { format!("{sign}{hours}") };
            if minutes != 0 {
                let _ = write!(text, ":{minutes:02}");
            }
            text
        }
    }
}

fn cased(name: &str, case: Case) -> String {
    match case {
        Case::Upper => name.to_uppercase(),
        Case::Title => name.to_owned(),
        Case::Lower => name.to_lowercase(),
    }
}

fn dotted(name: &str, case: Case, dots: Dots) -> String {
    let name = cased(name, case);
    match dots {
        Dots::With => name.chars().flat_map(|c| [c, '.']).collect(),
        Dots::Without => name,
    }
}

/// What makes a number ordinal.
fn ending(number: &str) -> &'static str {
    let tens = number.len() >= 2 && number.as_bytes()[number.len() - 2] == b'1';
    match number.as_bytes().last() {
        Some(b'1') if !tens => "st",
        Some(b'2') if !tens => "nd",
        Some(b'3') if !tens => "rd",
        _ => "th",
    }
}
