//! Dates and times out of the text in which MySQL sends them: `2024-01-02`, `2024-01-02 03:04:05.678`, `-838:59:59`. It must not know Arrow.

use super::refusal::Refusal;
use weft_core::text::civil::days_from_civil;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Days after 1970-01-01. A time behind the date must be midnight.
pub(super) fn date(text: &[u8]) -> Result<i32, Refusal> {
    let micros = timestamp(text)?;
    if micros.rem_euclid(DAY) != 0 {
        return Err(Refusal::Malformed);
    }
    i32::try_from(micros.div_euclid(DAY)).map_err(|_| Refusal::Malformed)
}

/// Microseconds after 1970-01-01 00:00.
pub(super) fn timestamp(text: &[u8]) -> Result<i64, Refusal> {
    let (date, clock) = match text.iter().position(|b| *b == b' ') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let mut parts = date.split(|b| *b == b'-');
    let mut next = || parts.next().and_then(digits).ok_or(Refusal::Malformed);
    let (year, month, day) = (next()?, next()?, next()?);
    if parts.next().is_some() || month > 12 || day > 31 {
        return Err(Refusal::Malformed);
    }
    if month == 0 || day == 0 {
        return Err(Refusal::ZeroDate);
    }
    let clock = clock.map_or(Ok(0), unsigned_clock)?;
    if clock >= DAY {
        return Err(Refusal::Malformed);
    }
    Ok(days_from_civil(i64::from(year), month, day) * DAY + clock)
}

/// Microseconds after midnight, 24:00 included.
pub(super) fn time(text: &[u8]) -> Result<i64, Refusal> {
    let (negative, text) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
    let clock = unsigned_clock(text)?;
    if (negative && clock != 0) || clock > DAY {
        return Err(Refusal::NoTimeOfDay);
    }
    Ok(clock)
}

/// `hhh:mm:ss.ffffff`
fn unsigned_clock(text: &[u8]) -> Result<i64, Refusal> {
    let (whole, fraction) = match text.iter().position(|b| *b == b'.') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &b""[..]),
    };
    let mut parts = whole.split(|b| *b == b':');
    let mut next = || parts.next().and_then(digits).ok_or(Refusal::Malformed);
    let (hours, minutes, seconds) = (next()?, next()?, next()?);
    if parts.next().is_some() || minutes > 59 || seconds > 59 || fraction.len() > 6 {
        return Err(Refusal::Malformed);
    }
    let micros = match fraction {
        [] => 0,
        some => digits(some).ok_or(Refusal::Malformed)? * 10_u32.pow(6 - some.len() as u32),
    };
    Ok(((i64::from(hours) * 60 + i64::from(minutes)) * 60 + i64::from(seconds)) * 1_000_000 + i64::from(micros))
}

/// Up to six digits.
fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 6 {
        return None;
    }
    text.iter().try_fold(0, |number, b| b.is_ascii_digit().then(|| number * 10 + u32::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(date(b"1970-01-01"), Ok(0));
        assert_eq!(date(b"1969-12-31 00:00:00"), Ok(-1));
        assert_eq!(date(b"9999-12-31"), Ok(2_932_896));
        assert_eq!(date(b"0000-00-00"), Err(Refusal::ZeroDate));
        assert_eq!(date(b"2024-00-10"), Err(Refusal::ZeroDate));
        for text in ["", "2024", "2024-01", "2024-13-01", "2024-01-02-03", "2024-01-02 00:00:01", "x-1-1"] {
            assert_eq!(date(text.as_bytes()), Err(Refusal::Malformed), "{text}");
        }
    }

    #[test]
    fn timestamps() {
        assert_eq!(timestamp(b"1970-01-01 00:00:00.000001"), Ok(1));
        assert_eq!(timestamp(b"1970-01-02 01:02:03.5"), Ok(DAY + 3_723_500_000));
        assert_eq!(timestamp(b"1969-12-31 23:59:59"), Ok(-1_000_000));
        assert_eq!(timestamp(b"0000-00-00 00:00:00"), Err(Refusal::ZeroDate));
        assert_eq!(timestamp(b"1970-01-01 24:00:00"), Err(Refusal::Malformed));
        assert_eq!(timestamp(b"1970-01-01 00:00:00.1234567"), Err(Refusal::Malformed));
    }

    #[test]
    fn times() {
        assert_eq!(time(b"00:00:00"), Ok(0));
        assert_eq!(time(b"-00:00:00"), Ok(0));
        assert_eq!(time(b"23:59:59.999999"), Ok(DAY - 1));
        assert_eq!(time(b"24:00:00"), Ok(DAY));
        assert_eq!(time(b"24:00:00.000001"), Err(Refusal::NoTimeOfDay));
        assert_eq!(time(b"-00:00:01"), Err(Refusal::NoTimeOfDay));
        assert_eq!(time(b"838:59:59"), Err(Refusal::NoTimeOfDay));
        assert_eq!(time(b"1:2"), Err(Refusal::Malformed));
    }
}
