//! Numbers out of the text in which MySQL sends them. It must not know Arrow.

use super::refusal::Refusal;
use std::str;

/// A whole number. Zeros behind the point are let go: MySQL's sums of whole numbers are decimals.
pub(super) fn whole(text: &[u8]) -> Result<i64, Refusal> {
    i64::try_from(scaled(text, 0)?).map_err(|_| Refusal::TooLarge)
}

/// The number times ten to the `scale`, if that is whole. Digits are never cut off.
pub(super) fn scaled(text: &[u8], scale: u32) -> Result<i128, Refusal> {
    let (negative, digits) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = match digits.iter().position(|b| *b == b'.') {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &b""[..]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(Refusal::Malformed);
    }
    let kept = fraction.len().min(scale as usize);
    let (fraction, rest) = fraction.split_at(kept);
    if rest.iter().any(|b| *b != b'0') {
        return Err(if rest.iter().all(u8::is_ascii_digit) { Refusal::TooFine } else { Refusal::Malformed });
    }
    let mut number: i128 = 0;
    for digit in whole.iter().chain(fraction) {
        if !digit.is_ascii_digit() {
            return Err(Refusal::Malformed);
        }
        let shifted = number.checked_mul(10).and_then(|n| n.checked_add(i128::from(digit - b'0')));
        number = shifted.ok_or(Refusal::TooLarge)?;
    }
    let missing = 10_i128.checked_pow(scale - kept as u32).ok_or(Refusal::TooLarge)?;
    let number = number.checked_mul(missing).ok_or(Refusal::TooLarge)?;
    Ok(if negative { -number } else { number })
}

/// A double. MySQL writes as many digits as it takes to read the same number again.
pub(super) fn double(text: &[u8]) -> Result<f64, Refusal> {
    let number = str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(Refusal::Malformed)?;
    if f64::is_finite(number) { Ok(number) } else { Err(Refusal::TooLarge) }
}

/// A single-precision number, sent as the double that is equal to it.
pub(super) fn single(text: &[u8]) -> Result<f32, Refusal> {
    let wide = double(text)?;
    let narrow = wide as f32;
    if f64::from(narrow) == wide { Ok(narrow) } else { Err(Refusal::TooFine) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wholes() {
        assert_eq!(whole(b"-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(whole(b"9223372036854775808"), Err(Refusal::TooLarge));
        assert_eq!(whole(b"12.000"), Ok(12));
        assert_eq!(whole(b"12.5"), Err(Refusal::TooFine));
        for text in ["", "-", ".", "x", "1e3", "1.x", "--1"] {
            assert_eq!(whole(text.as_bytes()), Err(Refusal::Malformed), "{text}");
        }
    }

    #[test]
    fn decimals() {
        assert_eq!(scaled(b"-1.5", 2), Ok(-150));
        assert_eq!(scaled(b"0.05", 2), Ok(5));
        assert_eq!(scaled(b"7", 3), Ok(7000));
        assert_eq!(scaled(b"1.230", 2), Ok(123));
        assert_eq!(scaled(b"1.234", 2), Err(Refusal::TooFine));
        assert_eq!(scaled(b"99999999999999999999999999999999999999", 0), Ok(10_i128.pow(38) - 1));
        assert_eq!(scaled(&[b'9'; 65], 0), Err(Refusal::TooLarge));
        assert_eq!(scaled(b"99999999999999999999999999999999999999", 30), Err(Refusal::TooLarge));
    }

    #[test]
    fn floats() {
        assert_eq!(double(b"-1.7976931348623157e308"), Ok(f64::MIN));
        assert_eq!(double(b"5e-324"), Ok(5e-324));
        assert_eq!(double(b"nan"), Err(Refusal::TooLarge));
        assert_eq!(double(b""), Err(Refusal::Malformed));
        assert_eq!(single(b"0.10000000149011612"), Ok(0.1));
        assert_eq!(single(b"0.1"), Err(Refusal::TooFine));
    }
}
