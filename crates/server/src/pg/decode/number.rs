//! Parameters of type numeric, as the decimal that carries them: 38 digits, ten of them after the point. What does not fit is an error, never rounded.

use super::{malformed_binary, malformed_text};
use weft_core::{Error, ErrorKind, Result};
use weft_engine::ScalarValue;

/// Of the decimal that carries numerics ([`weft_core::pgtype::ColumnType::arrow_type`]).
const PRECISION: u8 = 38;
const SCALE: i8 = 10;

/// `-12.5`, `1e3`
pub(super) fn from_text(text: &str) -> Result<ScalarValue> {
    let word = text.trim();
    let malformed = || malformed_text("numeric", text);
    let (negative, unsigned) = match word.as_bytes().first() {
        Some(b'-') => (true, &word[1..]),
        Some(b'+') => (false, &word[1..]),
        _ => (false, word),
    };
    if ["nan", "inf", "infinity"].iter().any(|special| unsigned.eq_ignore_ascii_case(special)) {
        return Err(Error::unsupported(format!("the numeric value {word}")));
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| malformed())?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|b| b.is_ascii_digit()) {
        return Err(malformed());
    }
    let places = i64::from(exponent) - fraction.len() as i64;
    decimal(negative, digits().map(|b| b - b'0'), places, text)
}

/// Groups of four digits around the point. Source: `numeric_recv`.
pub(super) fn from_binary(bytes: &[u8]) -> Result<ScalarValue> {
    let malformed = || malformed_binary("numeric");
    let mut words = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let mut next = || words.next().ok_or_else(malformed);
    let (count, weight, sign, _scale) = (next()?, next()? as i16, next()?, next()?);
    let negative = match sign {
        0x0000 => false,
        0x4000 => true,
        0xC000 | 0xD000 | 0xF000 => return Err(Error::unsupported("a numeric value that is not finite")),
        _ => return Err(malformed()),
    };
    let groups: Vec<u16> = words.collect();
    if groups.len() != usize::from(count) || !bytes.len().is_multiple_of(2) || groups.iter().any(|g| *g > 9999) {
        return Err(malformed());
    }
    let digits = groups.iter().flat_map(|g| [g / 1000, g / 100 % 10, g / 10 % 10, g % 10].map(|d| d as u8));
    let places = (i64::from(weight) + 1 - groups.len() as i64) * 4;
    decimal(negative, digits, places, "")
}

/// The digits times ten to the power of `places`.
fn decimal(negative: bool, digits: impl Iterator<Item = u8>, places: i64, shown: &str) -> Result<ScalarValue> {
    let out_of_range = || {
        Error::new(ErrorKind::NumericOutOfRange, format!("numeric parameter {shown} is out of range")).with_detail(
            format!(
                "It may have {} digits before the point and {SCALE} behind it.",
                i32::from(PRECISION) - i32::from(SCALE)
            ),
        )
    };
    // Zeros at the end only delay: they are added when another digit follows.
    let (mut value, mut zeros) = (0i128, 0u32);
    let mut count = 0i64;
    let mut used = 0i64;
    for digit in digits {
        count += 1;
        if digit == 0 {
            zeros += u32::from(value != 0);
            continue;
        }
        let shift = 10i128.checked_pow(zeros + 1).ok_or_else(out_of_range)?;
        value = value.checked_mul(shift).and_then(|v| v.checked_add(digit.into())).ok_or_else(out_of_range)?;
        (zeros, used) = (0, count);
    }
    if value != 0 {
        let shift = places + (count - used) + i64::from(SCALE);
        let factor = u32::try_from(shift).ok().and_then(|s| 10i128.checked_pow(s)).ok_or_else(out_of_range)?;
        value = value.checked_mul(factor).filter(|v| *v < 10i128.pow(PRECISION.into())).ok_or_else(out_of_range)?;
    }
    Ok(ScalarValue::Decimal128(Some(if negative { -value } else { value }), PRECISION, SCALE))
}
