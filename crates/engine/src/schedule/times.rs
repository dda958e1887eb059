//! When a schedule is due, read off the five fields of cron. It must not know what is done then.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::CronParser;
use weft_core::name::nearest;
use weft_core::{Error, ErrorKind, Result};

/// The times of a schedule.
pub struct Times {
    cron: Cron,
    zone: Tz,
}

/// The fields, with what each takes.
const FIELDS: [(&str, &str); 5] = [
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day of month", "1 to 31"),
    ("month", "1 to 12, or JAN to DEC"),
    ("day of week", "0 to 7 with Sunday as 0 and 7, or SUN to SAT"),
];

/// Words that stand for five fields.
const WORDS: [&str; 6] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@hourly"];

const HINT: &str = "Five fields tell minute, hour, day of month, month and day of week, as in '0 3 * * *'; @daily and the like are short for some.";

impl Times {
    /// Reads what a user has written: the five fields of cron, or a word such as `@daily`. Gives its first time after the moment, which there must be.
    pub fn written(cron: &str, zone: &str, moment: DateTime<Utc>) -> Result<DateTime<Utc>> {
        check_form(cron)?;
        Times::read(cron, zone)?.after(moment).ok_or_else(|| {
            invalid(cron, "has no next time")
                .with_hint("No month that it names has such a day: change the day or the month.")
        })
    }

    /// Reads what is stored.
    pub fn read(cron: &str, zone: &str) -> Result<Times> {
        let parsed = CronParser::new().parse(cron).map_err(|_| {
            let error = invalid(cron, "is no time of cron").with_hint(HINT);
            match mistaken(cron) {
                Some(detail) => error.with_detail(detail),
                None => error,
            }
        })?;
        let zone = zone.parse().map_err(|_| {
            Error::new(ErrorKind::InvalidParameterValue, format!("time zone \"{zone}\" not recognized"))
                .with_hint("It takes a name such as Europe/Berlin.")
        })?;
        Ok(Times { cron: parsed, zone })
    }

    /// The first time after this one; none if there is no other.
    pub fn after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.cron.find_next_occurrence(&moment.with_timezone(&self.zone), false).ok()?;
        Some(next.with_timezone(&Utc))
    }
}

fn invalid(cron: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidParameterValue, format!("\"{cron}\" {why}"))
}

/// One of the words, or five fields: the library takes seconds and years too.
fn check_form(cron: &str) -> Result<()> {
    let fields: Vec<_> = cron.split_whitespace().collect();
    if let [word] = fields.as_slice()
        && word.starts_with('@')
    {
        let lower = word.to_lowercase();
        if WORDS.contains(&lower.as_str()) {
            return Ok(());
        }
        let hint = match nearest(&lower, WORDS) {
            Some(near) => format!("Did you mean {near}?"),
            None => format!("Words: {}.", WORDS.join(", ")),
        };
        return Err(invalid(cron, "is no time of cron").with_hint(hint));
    }
    if fields.len() == FIELDS.len() {
        return Ok(());
    }
    let detail = match fields.len() {
        0 => "It has no field.".to_owned(),
        1 => "It has one field.".to_owned(),
        n => format!("It has {n} fields."),
    };
    Err(invalid(cron, "is no time of cron").with_detail(detail).with_hint(HINT))
}

/// Which field is wrong: the first that is not even one alone.
fn mistaken(cron: &str) -> Option<String> {
    let wrong = |(at, field): &(usize, &str)| {
        let alone: Vec<_> = (0..FIELDS.len()).map(|i| if i == *at { *field } else { "*" }).collect();
        CronParser::new().parse(&alone.join(" ")).is_err()
    };
    let (at, field) = cron.split_whitespace().enumerate().find(wrong)?;
    let (name, takes) = FIELDS.get(at)?;
    Some(format!("The {name} is \"{field}\"; it takes {takes}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, zone: &str, after: &str) -> String {
        let after = after.parse().expect("a moment");
        let next = Times::written(cron, zone, after).expect("a time");
        next.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    #[test]
    fn times_are_those_of_the_zone() {
        assert_eq!(next("0 3 * * *", "UTC", "2026-01-01T03:00:00Z"), "2026-01-02T03:00:00Z");
        assert_eq!(next("0 3 * * *", "Europe/Berlin", "2026-01-01T03:00:00Z"), "2026-01-02T02:00:00Z");
        // The hour that a change of the clock leaves out is made up for.
        assert_eq!(next("30 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z"), "2026-03-29T01:00:00Z");
        assert_eq!(next("@daily", "Asia/Tokyo", "2026-01-01T00:00:00Z"), "2026-01-01T15:00:00Z");
        assert_eq!(next("*/15 * * * 1-5", "UTC", "2026-01-02T23:50:00Z"), "2026-01-05T00:00:00Z");
        assert_eq!(next("0 3 29 feb mon-fri", "UTC", "2026-02-28T12:00:00Z"), "2027-02-01T03:00:00Z");
    }

    #[test]
    fn mistakes_are_named() {
        for (cron, detail) in [
            ("", Some("It has no field.")),
            ("* * *", Some("It has 3 fields.")),
            ("* * * * * *", Some("It has 6 fields.")),
            ("0 0 3 * * * 2030", Some("It has 7 fields.")),
            ("61 * * * *", Some("The minute is \"61\"; it takes 0 to 59.")),
            ("0 24 * * *", Some("The hour is \"24\"; it takes 0 to 23.")),
            ("0 3 32 * *", Some("The day of month is \"32\"; it takes 1 to 31.")),
            ("0 3 * 13 *", Some("The month is \"13\"; it takes 1 to 12, or JAN to DEC.")),
            ("0 3 * * 8", Some("The day of week is \"8\"; it takes 0 to 7 with Sunday as 0 and 7, or SUN to SAT.")),
            ("0 3 31 2 *", None),
            ("@dialy", None),
        ] {
            let error = Times::written(cron, "UTC", Utc::now()).expect_err(cron);
            assert_eq!((error.kind(), error.detail()), (ErrorKind::InvalidParameterValue, detail), "{cron}");
        }
        let error = Times::written("0 3 31 2 *", "UTC", Utc::now()).expect_err("no such day");
        assert_eq!(error.message(), "\"0 3 31 2 *\" has no next time");
        let error = Times::written("@dialy", "UTC", Utc::now()).expect_err("no such word");
        assert_eq!(error.hint(), Some("Did you mean @daily?"));
        let error = Times::written("0 3 * * *", "Nowhere/City", Utc::now()).expect_err("no such zone");
        assert_eq!(error.kind(), ErrorKind::InvalidParameterValue);
    }
}
