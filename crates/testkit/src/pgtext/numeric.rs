//! `numeric`: groups of four decimal digits, a weight, a sign and the number of decimals to show.

use super::Bytes;
use crate::{Error, Result};

/// Reads one value and prints it.
pub(super) fn numeric(bytes: &mut Bytes<'_>) -> Result<String> {
    let count = bytes.int16()?;
    let weight = i32::from(bytes.int16()?);
    let sign = bytes.int16()? as u16;
    let scale = usize::try_from(bytes.int16()?).map_err(|_| Error::new("negative scale"))?;
    let groups = (0..count).map(|_| bytes.int16()).collect::<Result<Vec<_>>>()?;
    if groups.iter().any(|group| !(0..10_000).contains(group)) {
        return Err(Error::new("a group of digits is out of range"));
    }
    let sign = match sign {
        0x0000 => "",
        0x4000 => "-",
        0xC000 => return Ok("NaN".to_owned()),
        0xD000 => return Ok("Infinity".to_owned()),
        0xF000 => return Ok("-Infinity".to_owned()),
        other => return Err(Error::new(format!("sign {other:#06x}"))),
    };
    // The group at position p counts 10000^(weight - p); positions without a group are zero.
    let group = |power: i32| usize::try_from(weight - power).ok().and_then(|p| groups.get(p)).copied().unwrap_or(0);
    let whole: String = (0..=weight.max(0)).rev().map(|power| format!("{:04}", group(power))).collect();
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let needed = scale.div_ceil(4) as i32;
    let mut fraction: String = (1..=needed).map(|power| format!("{:04}", group(-power))).collect();
    fraction.truncate(scale);
    let point = if scale == 0 { "" } else { "." };
    Ok(format!("{sign}{whole}{point}{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(weight: i16, sign: u16, scale: i16, groups: &[i16]) -> String {
        let head = [groups.len() as i16, weight, sign as i16, scale];
        let raw: Vec<u8> = head.iter().chain(groups).flat_map(|n| n.to_be_bytes()).collect();
        numeric(&mut Bytes(&raw)).unwrap()
    }

    #[test]
    fn digits_weight_and_scale() {
        assert_eq!(print(0, 0, 0, &[]), "0");
        assert_eq!(print(0, 0, 2, &[]), "0.00");
        assert_eq!(print(0, 0, 2, &[12, 3400]), "12.34");
        assert_eq!(print(1, 0x4000, 0, &[1, 2345]), "-12345");
        assert_eq!(print(2, 0, 0, &[1]), "100000000");
        assert_eq!(print(-1, 0, 4, &[5]), "0.0005");
        assert_eq!(print(-2, 0, 10, &[1234, 5600]), "0.0000123456");
        assert_eq!(print(0, 0, 1, &[7]), "7.0");
        assert_eq!(print(0, 0, 5, &[1, 5000]), "1.50000");
    }

    #[test]
    fn special_values() {
        assert_eq!(print(0, 0xC000, 0, &[]), "NaN");
        assert_eq!(print(0, 0xD000, 0, &[]), "Infinity");
        assert_eq!(print(0, 0xF000, 0, &[]), "-Infinity");
    }
}
