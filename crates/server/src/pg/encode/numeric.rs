//! Text and binary of decimals, with the scale of their column. Source: `numeric_out`, `numeric_send`.

use super::Writer;
use arrow::array::{Decimal128Array, Decimal256Array};
use bytes::{BufMut, BytesMut};

const ZEROS: &[u8; 80] = &[b'0'; 80];

/// A sign in the binary form.
const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;

/// Text of 128-bit decimals.
pub(super) fn text128(array: Decimal128Array, scale: i8) -> Writer {
    Box::new(move |row, out| {
        let value = array.value(row);
        if value < 0 {
            out.put_u8(b'-');
        }
        let absolute = value.unsigned_abs();
        match u64::try_from(absolute) {
            // Most values are small, and 64-bit digits come much faster.
            Ok(small) => put_text(itoa::Buffer::new().format(small).as_bytes(), scale, out),
            Err(_) => put_text(itoa::Buffer::new().format(absolute).as_bytes(), scale, out),
        }
        Ok(())
    })
}

/// Text of 256-bit decimals.
pub(super) fn text256(array: Decimal256Array, scale: i8) -> Writer {
    Box::new(move |row, out| {
        let text = array.value(row).to_string();
        match text.strip_prefix('-') {
            Some(digits) => {
                out.put_u8(b'-');
                put_text(digits.as_bytes(), scale, out);
            }
            None => put_text(text.as_bytes(), scale, out),
        }
        Ok(())
    })
}

/// Binary of 128-bit decimals.
pub(super) fn binary128(array: Decimal128Array, scale: i8) -> Writer {
    Box::new(move |row, out| {
        put_binary(itoa::Buffer::new().format(array.value(row)), scale, out);
        Ok(())
    })
}

/// Binary of 256-bit decimals.
pub(super) fn binary256(array: Decimal256Array, scale: i8) -> Writer {
    Box::new(move |row, out| {
        put_binary(&array.value(row).to_string(), scale, out);
        Ok(())
    })
}

/// Digits of the unscaled value, with the point set.
fn put_text(digits: &[u8], scale: i8, out: &mut BytesMut) {
    let places = usize::from(scale.unsigned_abs());
    if scale <= 0 {
        out.put_slice(digits);
        if digits != b"0" {
            out.put_slice(&ZEROS[..places.min(ZEROS.len())]);
        }
    } else if digits.len() > places {
        let (whole, fraction) = digits.split_at(digits.len() - places);
        out.put_slice(whole);
        out.put_u8(b'.');
        out.put_slice(fraction);
    } else {
        out.put_slice(b"0.");
        out.put_slice(&ZEROS[..(places - digits.len()).min(ZEROS.len())]);
        out.put_slice(digits);
    }
}

/// Groups of four decimal digits around the point: their count, the weight of the first, the sign, the digits shown after the point.
pub(super) fn put_binary(unscaled: &str, scale: i8, out: &mut BytesMut) {
    let (sign, digits) = match unscaled.strip_prefix('-') {
        Some(digits) => (NEGATIVE, digits.as_bytes()),
        None => (POSITIVE, unscaled.as_bytes()),
    };
    let places = i32::from(scale);
    // How many digits stand before the point; the first group is filled up to four with zeros in front, the last one behind.
    let before = digits.len() as i32 - places;
    let weight = (before - 1).div_euclid(4);
    let lead = (weight + 1) * 4 - before;
    let at = |i: i32| u16::from(usize::try_from(i).ok().and_then(|i| digits.get(i)).map_or(0, |d| d - b'0'));
    let groups = (lead + digits.len() as i32 + 3) / 4;
    let group = |g: i32| (0..4).fold(0, |sum, i| sum * 10 + at(g * 4 + i - lead));
    let first = (0..groups).find(|g| group(*g) != 0);
    let last = (0..groups).rev().find(|g| group(*g) != 0);
    let (Some(first), Some(last)) = (first, last) else {
        out.put_slice(&[0, 0, 0, 0, 0, 0]);
        out.put_i16(places.max(0) as i16);
        return;
    };
    out.put_i16((last - first + 1) as i16);
    out.put_i16((weight - first) as i16);
    out.put_u16(sign);
    out.put_i16(places.max(0) as i16);
    (first..=last).for_each(|g| out.put_u16(group(g)));
}
