//! The one point on which PostgreSQL's shortest floats differ from others': digits that lie exactly halfway to the neighbouring float are not
//! accepted, since not every reader rounds halves to even. Source: `acceptBounds` in PostgreSQL's `d2s.c` and `f2s.c`.

/// A float as `mantissa × 2^exponent`.
#[derive(Clone, Copy)]
pub(super) struct Binary {
    mantissa: u64,
    exponent: i32,
    /// Below a power of two the next float is nearer than above it.
    below: Below,
}

/// How far the next smaller float is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Below {
    AsAbove,
    HalfOfAbove,
}

impl Binary {
    /// The parts of a finite double.
    pub(super) fn of_f64(value: f64) -> Binary {
        Binary::of(value.to_bits(), 52, 0x7ff, 1075)
    }

    /// The parts of a finite real.
    pub(super) fn of_f32(value: f32) -> Binary {
        Binary::of(value.to_bits().into(), 23, 0xff, 150)
    }

    fn of(bits: u64, mantissa_bits: u32, exponent_mask: u64, bias: i32) -> Binary {
        let fraction = bits & ((1 << mantissa_bits) - 1);
        let exponent = ((bits >> mantissa_bits) & exponent_mask) as i32;
        let below = if fraction == 0 && exponent > 1 { Below::HalfOfAbove } else { Below::AsAbove };
        match exponent {
            0 => Binary { mantissa: fraction, exponent: 1 - bias, below },
            exponent => Binary { mantissa: fraction | (1 << mantissa_bits), exponent: exponent - bias, below },
        }
    }

    /// Whether `digits × 10^power` lies exactly on a bound of the interval of decimals that read back as this float. Only whole numbers larger than
    /// the mantissa can: all others would need more digits than a shortest decimal has.
    pub(super) fn is_bound(self, digits: &[u8], power: i32) -> bool {
        if self.exponent < 1 || power < 0 || digits.is_empty() {
            return false;
        }
        let decimal = digits.iter().fold(0u128, |sum, d| sum * 10 + u128::from(d - b'0'));
        // Ten is two times five: the odd parts and the powers of two must both agree.
        let Some(odd) =
            5u128.checked_pow(power as u32).and_then(|five| five.checked_mul(decimal >> decimal.trailing_zeros()))
        else {
            return false;
        };
        let twos = decimal.trailing_zeros() as i32 + power;
        let quarters = u128::from(self.mantissa) * 4;
        let lower = if self.below == Below::HalfOfAbove { quarters - 1 } else { quarters - 2 };
        [lower, quarters + 2].iter().any(|bound| {
            let zeros = bound.trailing_zeros();
            odd == bound >> zeros && twos == zeros as i32 + self.exponent - 2
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_bounds() {
        assert!(Binary::of_f32(257409792.0).is_bound(b"2574098", 2));
        assert!(Binary::of_f64(-60_769_823_887_929_696_f64).is_bound(b"607698238879297", 2));
        assert!(!Binary::of_f64(1e20).is_bound(b"1", 20));
        assert!(!Binary::of_f64(0.1).is_bound(b"1", -1));
        assert!(!Binary::of_f64(f64::MAX).is_bound(b"17976931348623157", 292));
    }
}
