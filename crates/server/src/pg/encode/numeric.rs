//! Text and binary of decimals, with the scale of their column. Source: `numeric_out`, `numeric_send`.

use super::Writer;
use arrow::array::{Decimal128Array, Decimal256Array};
use bytes::BufMut;

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
        let value = array.value(row);
        match Groups::of(value, scale) {
            Some(groups) => groups.put(value, scale, out),
            None => put_binary(itoa::Buffer::new().format(value), scale, out),
        }
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
fn put_text(digits: &[u8], scale: i8, out: &mut Vec<u8>) {
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

/// The groups of four digits of a value of up to 64 bits, by arithmetic: most values are small, and this comes much faster than their digits.
struct Groups {
    /// The last comes first.
    groups: [u16; 6],
    count: usize,
    /// How many of them stand behind the point.
    behind: usize,
}

impl Groups {
    /// Nothing for values that are too large.
    fn of(value: i128, scale: i8) -> Option<Groups> {
        const FILL: [u64; 4] = [1, 1000, 100, 10];
        let places = usize::try_from(scale).ok()?;
        let filled = u64::try_from(value.unsigned_abs()).ok()?.checked_mul(FILL[places % 4])?;
        let mut groups = Groups { groups: [0; 6], count: 0, behind: places.div_ceil(4) };
        let mut rest = filled;
        while rest > 0 {
            // 64 bits have 20 digits at most: 5 groups.
            groups.groups[groups.count] = (rest % 10_000) as u16;
            groups.count += 1;
            rest /= 10_000;
        }
        Some(groups)
    }

    fn put(&self, value: i128, scale: i8, out: &mut Vec<u8>) {
        let zeros = self.groups.iter().take(self.count).take_while(|group| **group == 0).count();
        let weight = if self.count == 0 { 0 } else { self.count as i16 - 1 - self.behind as i16 };
        out.put_i16((self.count - zeros) as i16);
        out.put_i16(weight);
        out.put_u16(if value < 0 { NEGATIVE } else { POSITIVE });
        out.put_i16(i16::from(scale));
        self.groups.iter().take(self.count).skip(zeros).rev().for_each(|group| out.put_u16(*group));
    }
}

/// Groups of four decimal digits around the point: their count, the weight of the first, the sign, the digits shown after the point.
pub(super) fn put_binary(unscaled: &str, scale: i8, out: &mut Vec<u8>) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_and_digits_give_the_same() {
        let mut values: Vec<i128> =
            vec![0, 1, 9_999, 10_000, 10_001, 99_990_000, 12_345_678_901_234_567, i128::from(u64::MAX) / 1000];
        values.extend((0..20).map(|digits| 10_i128.pow(digits).min(i128::from(u64::MAX) / 1000)));
        let mut step = 7_i128;
        for _ in 0..200 {
            step = step * 6_364_136_223_846_793_005 % 18_446_744_073_709_551;
            values.push(step);
        }
        let negative: Vec<i128> = values.iter().map(|value| -value).collect();
        for value in values.into_iter().chain(negative) {
            for scale in 0..=18 {
                let (mut fast, mut slow) = (Vec::new(), Vec::new());
                Groups::of(value, scale).expect("small enough").put(value, scale, &mut fast);
                put_binary(itoa::Buffer::new().format(value), scale, &mut slow);
                assert_eq!(fast, slow, "{value} with {scale} decimals");
            }
        }
        assert!(
            Groups::of(i128::from(u64::MAX), 1).is_none()
                && Groups::of(i128::from(u64::MAX) + 1, 0).is_none()
                && Groups::of(1, -1).is_none()
        );
    }
}
