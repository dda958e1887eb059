//! Text of floating point numbers as PostgreSQL 12 and later write them: the shortest digits that read back the same, with an exponent where
//! PostgreSQL has one (`1e+20`, `1e-05`), or rounded as `extra_float_digits` says. Source: `float8out`, `d2s.c`, `f2s.c`.

use super::Writer;
use super::boundary::Binary;
use arrow::array::{Float32Array, Float64Array};
use bytes::BufMut;

/// What differs between the two types.
struct Kind {
    /// FLT_DIG, DBL_DIG: digits that survive in any case.
    sure_digits: i32,
    /// Digits that tell any value from its neighbours.
    max_digits: usize,
    /// The decimal exponent from which numbers are written with an exponent.
    exponent_from: i32,
    binary: fn(f64) -> Binary,
    /// Whether the text reads back as the value.
    reads_back: fn(&str, f64) -> bool,
}

const REAL: Kind = Kind {
    sure_digits: 6,
    max_digits: 9,
    exponent_from: 6,
    binary: |value| Binary::of_f32(value as f32),
    reads_back: |text, value| text.parse() == Ok(value as f32),
};

const DOUBLE: Kind = Kind {
    sure_digits: 15,
    max_digits: 17,
    exponent_from: 15,
    binary: Binary::of_f64,
    reads_back: |text, value| text.parse() == Ok(value),
};

/// `real`
pub fn text4(array: Float32Array, extra_digits: i8) -> Writer {
    Box::new(move |row, out| {
        let value = array.value(row);
        if extra_digits > 0 || !value.is_finite() {
            shortest(f64::from(value), ryu::Buffer::new().format(value), &REAL, out);
        } else {
            rounded(f64::from(value), REAL.sure_digits + i32::from(extra_digits), out);
        }
        Ok(())
    })
}

/// `double precision`
pub fn text8(array: Float64Array, extra_digits: i8) -> Writer {
    Box::new(move |row, out| {
        let value = array.value(row);
        if extra_digits > 0 || !value.is_finite() {
            shortest(value, ryu::Buffer::new().format(value), &DOUBLE, out);
        } else {
            rounded(value, DOUBLE.sure_digits + i32::from(extra_digits), out);
        }
        Ok(())
    })
}

/// Rearranges ryu's spelling (`1e20`, `1.5e-7`, `12.0`) into PostgreSQL's.
fn shortest(value: f64, spelled: &str, kind: &Kind, out: &mut Vec<u8>) {
    if !value.is_finite() {
        out.put_slice(match (value.is_nan(), value > 0.0) {
            (true, _) => b"NaN",
            (false, true) => b"Infinity",
            (false, false) => b"-Infinity",
        });
        return;
    }
    let (spelled, sign) = match spelled.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (spelled, false),
    };
    let (mantissa, exponent) = match spelled.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().unwrap_or_default()),
        None => (spelled, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = if fraction == "0" { "" } else { fraction };
    // The digits without point, and the place of the point counted from their start.
    let mut digits = [0u8; 32];
    let mut count = 0;
    for digit in whole.bytes().chain(fraction.bytes()).take(digits.len()) {
        digits[count] = digit;
        count += 1;
    }
    let leading = digits[..count].iter().take_while(|d| **d == b'0').count();
    let point = whole.len() as i32 + exponent - leading as i32;
    let trailing = digits[leading..count].iter().rev().take_while(|d| **d == b'0').count();
    if sign {
        out.put_u8(b'-');
    }
    let digits = &digits[leading..count - trailing];
    if (kind.binary)(value).is_bound(digits, point - digits.len() as i32) {
        put_longer(value.abs(), digits.len() + 1, kind, out);
    } else {
        put_decimal(digits, point - 1, kind.exponent_from, out);
    }
}

/// The shortest decimal of at least so many digits that reads back: for the few values whose shortest one PostgreSQL does not take.
fn put_longer(value: f64, at_least: usize, kind: &Kind, out: &mut Vec<u8>) {
    for count in at_least..=kind.max_digits {
        let spelled = format!("{value:.*e}", count - 1);
        let (digits, exponent) = scientific(&spelled);
        let taken = (kind.reads_back)(&spelled, value)
            && !(kind.binary)(value).is_bound(&digits, exponent + 1 - digits.len() as i32);
        if taken || count == kind.max_digits {
            return put_decimal(&digits, exponent, kind.exponent_from, out);
        }
    }
}

/// Digits and exponent of `1.20e3`, without zeros at the end.
fn scientific(spelled: &str) -> (Vec<u8>, i32) {
    let (mantissa, exponent) = spelled.split_once('e').unwrap_or((spelled, "0"));
    let mut digits: Vec<u8> = mantissa.bytes().filter(|b| *b != b'.').collect();
    digits.truncate(digits.len() - digits.iter().rev().take_while(|d| **d == b'0').count());
    (digits, exponent.parse().unwrap_or_default())
}

/// Writes `0.d₁d₂… × 10^(exponent+1)`: plain if the exponent is from -4 to below `exponent_from`, else with the exponent.
fn put_decimal(digits: &[u8], exponent: i32, exponent_from: i32, out: &mut Vec<u8>) {
    let Some((first, rest)) = digits.split_first() else {
        out.put_u8(b'0');
        return;
    };
    if !(-4..exponent_from).contains(&exponent) {
        out.put_u8(*first);
        if !rest.is_empty() {
            out.put_u8(b'.');
            out.put_slice(rest);
        }
        out.put_slice(if exponent < 0 { b"e-" } else { b"e+" });
        let exponent = exponent.unsigned_abs();
        if exponent < 10 {
            out.put_u8(b'0');
        }
        out.put_slice(itoa::Buffer::new().format(exponent).as_bytes());
    } else if exponent < 0 {
        out.put_slice(b"0.");
        out.put_bytes(b'0', (-exponent - 1) as usize);
        out.put_slice(digits);
    } else {
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            out.put_slice(digits);
            out.put_bytes(b'0', whole - digits.len());
        } else {
            out.put_slice(&digits[..whole]);
            out.put_u8(b'.');
            out.put_slice(&digits[whole..]);
        }
    }
}

/// C's `%.*g`.
fn rounded(value: f64, digits: i32, out: &mut Vec<u8>) {
    let digits = digits.max(1);
    if value.is_sign_negative() {
        out.put_u8(b'-');
    }
    let (plain, exponent) = scientific(&format!("{:.*e}", digits as usize - 1, value.abs()));
    put_decimal(&plain, exponent, digits, out);
}
