//! Dates, times and intervals. PostgreSQL counts days and microseconds from 2000-01-01; the session's time zone is taken to be UTC.

use super::Bytes;
use crate::Result;

const DAY: i64 = 86_400_000_000;

/// Text of a `date`.
pub(super) fn date(days: i32) -> String {
    match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        _ => {
            let (date, era) = civil(i64::from(days));
            format!("{date}{era}")
        }
    }
}

/// Text of a `time`.
pub(super) fn time(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{}", fraction(micros % 1_000_000))
}

/// Reads a `timetz`; its zone is in seconds west of Greenwich.
pub(super) fn timetz(bytes: &mut Bytes<'_>) -> Result<String> {
    let (micros, west) = (bytes.int64()?, bytes.int32()?);
    let sign = if west <= 0 { '+' } else { '-' };
    let zone = west.unsigned_abs();
    let mut text = format!("{}{sign}{:02}", time(micros), zone / 3600);
    if zone % 3600 != 0 {
        text.push_str(&format!(":{:02}", zone / 60 % 60));
    }
    if zone % 60 != 0 {
        text.push_str(&format!(":{:02}", zone % 60));
    }
    Ok(text)
}

/// Text of a `timestamp` (no zone) or `timestamptz` (zone `+00`).
pub(super) fn timestamp(micros: i64, zone: &str) -> String {
    match micros {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        _ => {
            let (date, era) = civil(micros.div_euclid(DAY));
            format!("{date} {}{zone}{era}", time(micros.rem_euclid(DAY)))
        }
    }
}

/// Reads an `interval` and prints it in the style `postgres`.
pub(super) fn interval(bytes: &mut Bytes<'_>) -> Result<String> {
    let (micros, days, months) = (bytes.int64()?, bytes.int32()?, bytes.int32()?);
    let mut text = String::new();
    // A positive part after a negative one gets a sign, or it would read as negative too.
    let mut after_negative = false;
    for (value, unit) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        if value != 0 {
            let space = if text.is_empty() { "" } else { " " };
            let plus = if after_negative && value > 0 { "+" } else { "" };
            let plural = if value == 1 { "" } else { "s" };
            text.push_str(&format!("{space}{plus}{value} {unit}{plural}"));
            after_negative = value < 0;
        }
    }
    if text.is_empty() || micros != 0 {
        let space = if text.is_empty() { "" } else { " " };
        let sign = match micros < 0 {
            true => "-",
            false if after_negative => "+",
            false => "",
        };
        let micros = i128::from(micros).unsigned_abs();
        let seconds = micros / 1_000_000;
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let fraction = fraction((micros % 1_000_000) as i64);
        text.push_str(&format!("{space}{sign}{hours:02}:{minutes:02}:{seconds:02}{fraction}"));
    }
    Ok(text)
}

fn fraction(micros: i64) -> String {
    if micros == 0 { String::new() } else { format!(".{micros:06}").trim_end_matches('0').to_owned() }
}

/// `YYYY-MM-DD` and the era (`" BC"` or nothing) of a day counted from 2000-01-01, by whole cycles of 400 years that begin in March.
fn civil(days: i64) -> (String, &'static str) {
    let from_march_0000 = days + 730_425;
    let cycle = from_march_0000.div_euclid(146_097);
    let day_of_cycle = from_march_0000.rem_euclid(146_097);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_cycle + cycle * 400 + i64::from(month <= 2);
    // There is no year 0: it is 1 BC.
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    (format!("{year:04}-{month:02}-{day:02}"), era)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(date(0), "2000-01-01");
        assert_eq!(date(59), "2000-02-29");
        assert_eq!(date(-10_957), "1970-01-01");
        assert_eq!(date(-730_119), "0001-01-01");
        assert_eq!(date(-730_120), "0001-12-31 BC");
        assert_eq!(date(2_921_939), "9999-12-31");
        assert_eq!(date(i32::MAX), "infinity");
    }

    #[test]
    fn times_and_timestamps() {
        assert_eq!(time(0), "00:00:00");
        assert_eq!(time(DAY), "24:00:00");
        assert_eq!(time(3_723_000_400), "01:02:03.0004");
        assert_eq!(timestamp(-1, ""), "1999-12-31 23:59:59.999999");
        assert_eq!(timestamp(1_500_000, "+00"), "2000-01-01 00:00:01.5+00");
        assert_eq!(timestamp(-730_120 * DAY, "+00"), "0001-12-31 00:00:00+00 BC");
        assert_eq!(timestamp(i64::MIN, ""), "-infinity");
        let raw = [0i64.to_be_bytes().as_slice(), &(-19_800i32).to_be_bytes()].concat();
        assert_eq!(timetz(&mut Bytes(&raw)).unwrap(), "00:00:00+05:30");
    }

    #[test]
    fn intervals() {
        for (months, days, micros, expected) in [
            (0, 0, 0i64, "00:00:00"),
            (14, 3, 14_706_789_000, "1 year 2 mons 3 days 04:05:06.789"),
            (1, 1, 0, "1 mon 1 day"),
            (0, -1, 7_384_000_000, "-1 days +02:03:04"),
            (-13, 2, 0, "-1 years -1 mons +2 days"),
            (0, 0, -500_000, "-00:00:00.5"),
            (0, 0, 360_000_000_000, "100:00:00"),
        ] {
            let raw = [micros.to_be_bytes().as_slice(), &i32::to_be_bytes(days), &i32::to_be_bytes(months)].concat();
            assert_eq!(interval(&mut Bytes(&raw)).unwrap(), expected);
        }
    }
}
