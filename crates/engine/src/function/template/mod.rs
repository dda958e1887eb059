//! `to_char`, `to_date` and `to_timestamp`: times as text by a template, and back. Templates of numbers are not among them.
//!
//! Source: PostgreSQL `formatting.c` (`DCH_to_char`, `DCH_from_char`), with the names of `lc_time = C`.

mod call;
mod read;
mod write;

pub use call::functions;

use weft_core::{Error, ErrorKind, Result};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// A pattern.
    Field(Field),
    /// A sign between fields, which stands for itself.
    Separator(char),
    /// Any other text.
    Text(char),
}

/// A pattern with what stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field {
    pattern: Pattern,
    /// As it is written.
    word: &'static str,
    fill: Fill,
    ordinal: Option<Case>,
}

/// Whether values have leading zeros and trailing blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// They do.
    Padded,
    /// FM was said.
    None,
}

/// How letters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Upper,
    Title,
    Lower,
}

/// Signs of a name that has signs between its letters, or none: `AM`, `A.M.`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dots {
    With,
    Without,
}

/// What a pattern stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    /// So many of the last digits of the year; five are `Y,YYY`.
    Year(u8),
    /// The same of the year of ISO weeks.
    IsoYear(u8),
    Era(Case, Dots),
    Century,
    Quarter,
    Month,
    MonthName(Case),
    MonthShort(Case),
    MonthRoman(Case),
    /// Of the month.
    Week,
    WeekOfYear,
    IsoWeek,
    Day,
    DayOfYear,
    IsoDayOfYear,
    /// From Sunday, which is 1.
    DayOfWeek,
    /// From Monday, which is 1.
    IsoDayOfWeek,
    DayName(Case),
    DayShort(Case),
    Julian,
    Hour12,
    Hour24,
    Minute,
    Second,
    /// So many decimals of the second.
    Fraction(u8),
    /// Seconds since midnight.
    SecondOfDay,
    HalfDay(Case, Dots),
    Zone(Case),
    ZoneHours,
    ZoneMinutes,
    ZoneOffset,
}

/// Every pattern; of those that begin alike the longer one comes first. What is not here in lower case is, if it has no case of its own.
const PATTERNS: &[(&str, Pattern)] = &[
    ("A.D.", Pattern::Era(Case::Upper, Dots::With)),
    ("A.M.", Pattern::HalfDay(Case::Upper, Dots::With)),
    ("AD", Pattern::Era(Case::Upper, Dots::Without)),
    ("AM", Pattern::HalfDay(Case::Upper, Dots::Without)),
    ("B.C.", Pattern::Era(Case::Upper, Dots::With)),
    ("BC", Pattern::Era(Case::Upper, Dots::Without)),
    ("CC", Pattern::Century),
    ("DAY", Pattern::DayName(Case::Upper)),
    ("DDD", Pattern::DayOfYear),
    ("DD", Pattern::Day),
    ("DY", Pattern::DayShort(Case::Upper)),
    ("Day", Pattern::DayName(Case::Title)),
    ("Dy", Pattern::DayShort(Case::Title)),
    ("D", Pattern::DayOfWeek),
    ("FF1", Pattern::Fraction(1)),
    ("FF2", Pattern::Fraction(2)),
    ("FF3", Pattern::Fraction(3)),
    ("FF4", Pattern::Fraction(4)),
    ("FF5", Pattern::Fraction(5)),
    ("FF6", Pattern::Fraction(6)),
    ("HH24", Pattern::Hour24),
    ("HH12", Pattern::Hour12),
    ("HH", Pattern::Hour12),
    ("IDDD", Pattern::IsoDayOfYear),
    ("ID", Pattern::IsoDayOfWeek),
    ("IW", Pattern::IsoWeek),
    ("IYYY", Pattern::IsoYear(4)),
    ("IYY", Pattern::IsoYear(3)),
    ("IY", Pattern::IsoYear(2)),
    ("I", Pattern::IsoYear(1)),
    ("J", Pattern::Julian),
    ("MI", Pattern::Minute),
    ("MM", Pattern::Month),
    ("MONTH", Pattern::MonthName(Case::Upper)),
    ("MON", Pattern::MonthShort(Case::Upper)),
    ("MS", Pattern::Fraction(3)),
    ("Month", Pattern::MonthName(Case::Title)),
    ("Mon", Pattern::MonthShort(Case::Title)),
    ("OF", Pattern::ZoneOffset),
    ("P.M.", Pattern::HalfDay(Case::Upper, Dots::With)),
    ("PM", Pattern::HalfDay(Case::Upper, Dots::Without)),
    ("Q", Pattern::Quarter),
    ("RM", Pattern::MonthRoman(Case::Upper)),
    ("SSSSS", Pattern::SecondOfDay),
    ("SSSS", Pattern::SecondOfDay),
    ("SS", Pattern::Second),
    ("TZH", Pattern::ZoneHours),
    ("TZM", Pattern::ZoneMinutes),
    ("TZ", Pattern::Zone(Case::Upper)),
    ("US", Pattern::Fraction(6)),
    ("WW", Pattern::WeekOfYear),
    ("W", Pattern::Week),
    ("Y,YYY", Pattern::Year(5)),
    ("YYYY", Pattern::Year(4)),
    ("YYY", Pattern::Year(3)),
    ("YY", Pattern::Year(2)),
    ("Y", Pattern::Year(1)),
    ("a.d.", Pattern::Era(Case::Lower, Dots::With)),
    ("a.m.", Pattern::HalfDay(Case::Lower, Dots::With)),
    ("ad", Pattern::Era(Case::Lower, Dots::Without)),
    ("am", Pattern::HalfDay(Case::Lower, Dots::Without)),
    ("b.c.", Pattern::Era(Case::Lower, Dots::With)),
    ("bc", Pattern::Era(Case::Lower, Dots::Without)),
    ("day", Pattern::DayName(Case::Lower)),
    ("dy", Pattern::DayShort(Case::Lower)),
    ("month", Pattern::MonthName(Case::Lower)),
    ("mon", Pattern::MonthShort(Case::Lower)),
    ("p.m.", Pattern::HalfDay(Case::Lower, Dots::With)),
    ("pm", Pattern::HalfDay(Case::Lower, Dots::Without)),
    ("rm", Pattern::MonthRoman(Case::Lower)),
    ("tzh", Pattern::ZoneHours),
    ("tzm", Pattern::ZoneMinutes),
    ("tz", Pattern::Zone(Case::Lower)),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl Pattern {
    /// Whether it stands for digits, not for a word or a sign.
    fn is_of_digits(&self) -> bool {
        !matches!(
            self,
            Pattern::Era(..)
                | Pattern::HalfDay(..)
                | Pattern::MonthName(_)
                | Pattern::MonthShort(_)
                | Pattern::MonthRoman(_)
                | Pattern::DayName(_)
                | Pattern::DayShort(_)
                | Pattern::Zone(_)
                | Pattern::ZoneOffset
        )
    }
}

/// The pattern with which the text begins.
fn pattern(text: &str) -> Option<(&'static str, Pattern)> {
    let begins = |word: &str| text.starts_with(word);
    let found = PATTERNS.iter().find(|(word, _)| begins(word));
    let lower = || {
        let same = |word: &str| text.get(..word.len()).is_some_and(|t| t == word.to_ascii_lowercase());
        PATTERNS.iter().find(|(word, p)| p.is_of_digits() && same(word))
    };
    found.or_else(lower).copied()
}

/// Cuts a template into its pieces.
fn pieces(template: &str) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    let eat = |rest: &mut &str, word: &str| match rest.strip_prefix(word) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    };
    while let Some(next) = rest.chars().next() {
        let before = rest;
        let mut fill = Fill::Padded;
        loop {
            if eat(&mut rest, "FX") || eat(&mut rest, "fx") {
                return Err(Error::unsupported("the prefix FX of templates"));
            }
            // Names are not translated, and those that could be are not padded.
            let prefix = ["FM", "fm", "TM", "tm"].iter().any(|prefix| eat(&mut rest, prefix));
            match prefix {
                true => fill = Fill::None,
                false => break,
            }
        }
        if let Some((word, pattern)) = pattern(rest) {
            rest = &rest[word.len()..];
            let ordinal = match () {
                () if eat(&mut rest, "TH") => Some(Case::Upper),
                () if eat(&mut rest, "th") => Some(Case::Lower),
                () => None,
            };
            pieces.push(Piece::Field(Field { pattern, word, fill, ordinal }));
            continue;
        }
        if fill == Fill::None && before.len() != rest.len() {
            // What it would change comes later, or never.
            continue;
        }
        rest = &rest[next.len_utf8()..];
        match next {
            '"' => {
                while let Some(quoted) = rest.chars().next() {
                    rest = &rest[quoted.len_utf8()..];
                    match quoted {
                        '"' => break,
                        '\\' => {
                            let Some(escaped) = rest.chars().next() else { break };
                            rest = &rest[escaped.len_utf8()..];
                            pieces.push(Piece::Text(escaped));
                        }
                        other => pieces.push(Piece::Text(other)),
                    }
                }
            }
            '\\' if rest.starts_with('"') => {
                rest = &rest[1..];
                pieces.push(Piece::Text('"'));
            }
            sign if sign.is_ascii_graphic() && !sign.is_ascii_alphanumeric() || sign.is_ascii_whitespace() => {
                pieces.push(Piece::Separator(sign));
            }
            other => pieces.push(Piece::Text(other)),
        }
    }
    Ok(pieces)
}

fn out_of_range(text: &str) -> Error {
    Error::new(ErrorKind::DatetimeOutOfRange, format!("date/time field value out of range: \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::{pieces, read, write};
    use chrono::{DateTime, NaiveDateTime};

    fn told(template: &str, text: &str) -> String {
        let told = pieces(template).and_then(|pieces| read::read(&pieces, text));
        told.map_or_else(|e| format!("{}: {e}", e.kind().sqlstate()), |t| t.clock.to_string())
    }

    fn shown(template: &str, micros: i64) -> String {
        let clock: NaiveDateTime = DateTime::from_timestamp_micros(micros).unwrap().naive_utc();
        write::write(&pieces(template).unwrap(), &write::Shown { clock, zone: None })
    }

    #[test]
    fn reads_as_postgresql_does() {
        for (template, text, expected) in [
            ("YYYY-MM-DD", "2024-02-29", "2024-02-29 00:00:00"),
            ("YYYY-MM-DD HH24:MI:SS.US", "2024-02-29 13:04:05.000250", "2024-02-29 13:04:05.000250"),
            ("YYYYMMDDHH24MISS", "20240229130405", "2024-02-29 13:04:05"),
            ("DD Mon YYYY HH12:MI PM", "05 Dec 2000 01:20 pm", "2000-12-05 13:20:00"),
            ("FMDay, DD  FMMonth YYYY", "Tuesday, 5 December 2000", "2000-12-05 00:00:00"),
            ("YY/MM/DD", "99/1/2", "1999-01-02 00:00:00"),
            ("YYYY-DDD", "2024-060", "2024-02-29 00:00:00"),
            ("MS", "25", "0000-01-01 00:00:00.250"),
            ("J", "2460000", "2023-02-24 00:00:00"),
            ("\"at\" YYYY", "at 2024", "2024-01-01 00:00:00"),
        ] {
            assert_eq!(told(template, text), expected, "{template}");
        }
        for (template, text, sqlstate) in [
            ("YYYY-MM-DD", "2023-02-29", "22008"),
            ("YYYY-MM-DD", "x", "22007"),
            ("HH12", "13", "22007"),
            ("YYYYMM", "20", "22007"),
            ("IYYY-IW", "2024-01", "0A000"),
        ] {
            let told = told(template, text);
            assert!(told.starts_with(sqlstate), "{template}: {told}");
        }
    }

    #[test]
    fn writes_as_postgresql_does() {
        let at = 1_709_211_845_006_007;
        for (template, expected) in [
            ("YYYY-MM-DD HH24:MI:SS.US", "2024-02-29 13:04:05.006007"),
            ("Day|FMDay|DY|dy", "Thursday |Thursday|THU|thu"),
            ("Month|FMmonth|MON", "February |february|FEB"),
            ("DDth FMMonth Y,YYY", "29th February 2,024"),
            ("HH12:MI a.m.", "01:04 p.m."),
            ("IYYY-\"W\"IW-ID Q WW W D DDD CC J", "2024-W09-4 1 09 5 5 060 21 2460370"),
            ("FMMM/FMDD yy", "2/29 24"),
        ] {
            assert_eq!(shown(template, at), expected, "{template}");
        }
    }
}
