//! Days and the proleptic Gregorian calendar, for any year that a type can hold. Source: Howard Hinnant, "chrono-compatible low-level date algorithms".

use bytes::BufMut;

/// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
pub const PG_EPOCH_DAYS: i64 = 10_957;

/// Year (0 is 1 BC), month and day of so many days after 1970-01-01.
pub(super) fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

/// Days after 1970-01-01 of a day; month and day must be those of a calendar.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Whether a date is written with ` BC` behind all else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    Common,
    BeforeChrist,
}

/// Writes `2024-01-02`; the era is left to the caller.
pub(super) fn put_date(days: i64, out: &mut Vec<u8>) -> Era {
    let (year, month, day) = civil_from_days(days);
    let (year, era) = if year > 0 { (year, Era::Common) } else { (1 - year, Era::BeforeChrist) };
    match u16::try_from(year) {
        Ok(year) if year < 10_000 => {
            put_two(u32::from(year / 100), out);
            put_two(u32::from(year % 100), out);
        }
        _ => out.put_slice(itoa::Buffer::new().format(year).as_bytes()),
    }
    out.put_u8(b'-');
    put_two(month, out);
    out.put_u8(b'-');
    put_two(day, out);
    era
}

/// Writes `04:05:06.789` for so many microseconds of a day; zeros at the end of the fraction are left out.
pub(super) fn put_clock(micros: i64, out: &mut Vec<u8>) {
    let seconds = micros / 1_000_000;
    put_two((seconds / 3600) as u32, out);
    out.put_u8(b':');
    put_two((seconds / 60 % 60) as u32, out);
    out.put_u8(b':');
    put_two((seconds % 60) as u32, out);
    put_fraction((micros % 1_000_000) as u32, out);
}

/// Writes `.789` for microseconds of a second.
pub(super) fn put_fraction(micros: u32, out: &mut Vec<u8>) {
    if micros == 0 {
        return;
    }
    let mut digits = [b'0'; 7];
    digits[0] = b'.';
    let mut rest = micros;
    for digit in digits[1..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let kept = digits.len() - digits.iter().rev().take_while(|d| **d == b'0').count();
    out.put_slice(&digits[..kept]);
}

/// Two digits; numbers above 99 are written as they are.
pub(super) fn put_two(number: u32, out: &mut Vec<u8>) {
    if number < 100 {
        out.put_slice(&[b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]);
    } else {
        out.put_slice(itoa::Buffer::new().format(number).as_bytes());
    }
}
