//! Floats as PostgreSQL prints them: the shortest digits that read back as the same value, in C's `%g` shape.

/// Text of a `float8`.
pub(super) fn float8(value: f64) -> String {
    let (mantissa, exponent) = match (value.to_bits() & ((1 << 52) - 1), ((value.to_bits() >> 52) & 0x7ff) as i32) {
        (fraction, 0) => (fraction, -1074),
        (fraction, biased) => (fraction | (1 << 52), biased - 1075),
    };
    shape(value, 15, |precision| {
        let text = match precision {
            None => format!("{value:e}"),
            Some(digits) => format!("{value:.digits$e}"),
        };
        let same = text.parse::<f64>() == Ok(value);
        same.then_some(text).filter(|text| !is_midpoint(text, mantissa, exponent, 1 << 52))
    })
}

/// Text of a `float4`.
pub(super) fn float4(value: f32) -> String {
    let (mantissa, exponent) = match (value.to_bits() & ((1 << 23) - 1), ((value.to_bits() >> 23) & 0xff) as i32) {
        (fraction, 0) => (fraction, -149),
        (fraction, biased) => (fraction | (1 << 23), biased - 150),
    };
    shape(f64::from(value), 6, |precision| {
        let text = match precision {
            None => format!("{value:e}"),
            Some(digits) => format!("{value:.digits$e}"),
        };
        let same = text.parse::<f32>() == Ok(value);
        same.then_some(text).filter(|text| !is_midpoint(text, u64::from(mantissa), exponent, 1 << 23))
    })
}

/// `digits(None)` gives the shortest text, `digits(Some(n))` the one with n digits after the first, if they are acceptable.
fn shape(value: f64, limit: i32, digits: impl Fn(Option<usize>) -> Option<String>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    // With as many digits as the shortest text, but rounded to even where two are as near: Rust's shortest then takes the upper one.
    let shortest = digits(None);
    let even = shortest.as_ref().and_then(|text| digits(Some(decimals(text))));
    let chosen =
        even.or(shortest).or_else(|| (0..20).find_map(|n| digits(Some(n)))).unwrap_or_else(|| format!("{value:e}"));
    let (sign, unsigned) = chosen.strip_prefix('-').map_or(("", chosen.as_str()), |rest| ("-", rest));
    let (coefficient, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let all: String = coefficient.chars().filter(|c| *c != '.').collect();
    let all = all.trim_end_matches('0');
    if exponent < -4 || exponent >= limit {
        let (first, rest) = all.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.abs());
    }
    if exponent < 0 {
        return format!("{sign}0.{}{all}", "0".repeat((-exponent - 1) as usize));
    }
    let whole = exponent as usize + 1;
    if all.len() <= whole {
        return format!("{sign}{all}{}", "0".repeat(whole - all.len()));
    }
    format!("{sign}{}.{}", &all[..whole], &all[whole..])
}

/// How many digits follow the first one in a text such as `1.25e3`.
fn decimals(text: &str) -> usize {
    let coefficient = text.split('e').next().unwrap_or(text);
    coefficient.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

/// Whether the decimal lies exactly between two floats. Reading rounds such a one to the even neighbour, so the shortest printers accept it, but
/// PostgreSQL's does not: 1e23 is 9.999999999999999e+22 there.
fn is_midpoint(text: &str, mantissa: u64, exponent: i32, smallest_normal: u64) -> bool {
    let unsigned = text.trim_start_matches('-');
    let Some((coefficient, power)) = unsigned.split_once('e') else { return false };
    let digits: String = coefficient.chars().filter(|c| *c != '.').collect();
    let (Ok(mut odd), Ok(power)) = (digits.parse::<u128>(), power.parse::<i32>()) else { return false };
    let mut power = power - decimals(unsigned) as i32;
    // The value is odd * 10^power. Fold the fives into it, then the twos out of it.
    while odd % 10 == 0 && odd != 0 {
        (odd, power) = (odd / 10, power + 1);
    }
    if !(-27..=27).contains(&power) {
        return false;
    }
    let fives = 5u128.pow(power.unsigned_abs());
    odd = match (power >= 0, odd.checked_mul(fives)) {
        (true, Some(product)) => product,
        (false, _) if odd % fives == 0 => odd / fives,
        _ => return false,
    };
    let twos = odd.trailing_zeros() as i32;
    let (odd, power_of_two) = (odd >> twos, power + twos);
    let m = u128::from(mantissa);
    let between = |middle: u128, at: i32| {
        let zeros = middle.trailing_zeros() as i32;
        odd == middle >> zeros && power_of_two == at + zeros
    };
    between(2 * m + 1, exponent - 1)
        || between(2 * m - 1, exponent - 1)
        // Below a power of two the floats lie twice as close.
        || (mantissa == smallest_normal && between(4 * m - 1, exponent - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn float8_as_postgresql_15_prints_it() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-2.5, "-2.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e14, "100000000000000"),
            (1e15, "1e+15"),
            (1_234_567_890_123_456.0, "1.234567890123456e+15"),
            (0.0001, "0.0001"),
            (0.00012, "0.00012"),
            (0.00001, "1e-05"),
            (1e100, "1e+100"),
            (1e23, "9.999999999999999e+22"),
            (9_007_199_254_740_993.0, "9.007199254740992e+15"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(float8(value), expected);
        }
    }

    #[test]
    fn float4_as_postgresql_15_prints_it() {
        for (value, expected) in [
            (1.0f32, "1"),
            (0.1, "0.1"),
            (123_456.0, "123456"),
            (1_000_000.0, "1e+06"),
            (16_777_216.0, "1.6777216e+07"),
            (-3.5e-5, "-3.5e-05"),
            (f32::MAX, "3.4028235e+38"),
            (2f32.powi(-12), "0.00024414062"),
            (1e-45, "1e-45"),
            (f32::INFINITY, "Infinity"),
        ] {
            assert_eq!(float4(value), expected);
        }
    }
}
