//! Exact numerics: division, rounding, and the aggregates' last step. A `numeric` is an Arrow decimal of 38 digits with a fixed scale; see
//! `docs/adr/0002-numeric.md` for the scale of a quotient.
//!
//! Source: PostgreSQL `numeric.c`: results are rounded half away from zero.

use super::arithmetic::{division_by_zero, functions, out_of_range};
use super::{Function, downcast, raise};
use arrow::array::{ArrayRef, AsArray, Decimal128Array};
use arrow::compute::kernels::numeric;
use arrow::datatypes::{DataType, Decimal128Type, i256};
use arrow::error::ArrowError;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ScalarUDF;
use std::sync::{Arc, LazyLock};

/// Decimals after the point of a quotient, unless an operand has more: PostgreSQL gives at least 16 significant digits.
pub const QUOTIENT_SCALE: i8 = 16;

/// The digits of every `numeric` that an operation returns.
pub const PRECISION: u8 = 38;

functions! {
    DIVIDE "weft_numeric_divide" 2 quotient_type divide;
    ADD "weft_numeric_add" 2 sum_type |a, t| exact(numeric::add(&a[0], &a[1]), t);
    SUBTRACT "weft_numeric_subtract" 2 sum_type |a, t| exact(numeric::sub(&a[0], &a[1]), t);
    MULTIPLY "weft_numeric_multiply" 2 product_type |a, t| exact(numeric::mul(&a[0], &a[1]), t);
    ROUND "weft_numeric_round" 1 integer_type |a, t| rescaled(a, t, Rounding::HalfAwayFromZero);
    TRUNC "weft_numeric_trunc" 1 integer_type |a, t| rescaled(a, t, Rounding::TowardZero);
    CEIL "weft_numeric_ceil" 1 integer_type |a, t| rescaled(a, t, Rounding::Up);
    FLOOR "weft_numeric_floor" 1 integer_type |a, t| rescaled(a, t, Rounding::Down);
}

fn digits(data_type: &DataType) -> Result<(u8, i8)> {
    match data_type {
        DataType::Decimal128(precision, scale) => Ok((*precision, *scale)),
        other => internal_err!("{other} is no numeric"),
    }
}

fn sum_type(types: &[DataType]) -> Result<DataType> {
    let ((p1, s1), (p2, s2)) = (digits(&types[0])?, digits(&types[1])?);
    let scale = s1.max(s2);
    let whole = (p1 as i8 - s1).max(p2 as i8 - s2);
    Ok(DataType::Decimal128(PRECISION.min((whole + scale + 1).max(1) as u8), scale))
}

fn product_type(types: &[DataType]) -> Result<DataType> {
    let ((p1, s1), (p2, s2)) = (digits(&types[0])?, digits(&types[1])?);
    if s1 + s2 > PRECISION as i8 {
        return Err(raise(out_of_range(&types[0])));
    }
    Ok(DataType::Decimal128(PRECISION.min(p1 + p2), s1 + s2))
}

/// Gives arrow's result the planned type, and refuses what 38 digits do not hold.
fn exact(result: std::result::Result<ArrayRef, ArrowError>, data_type: &DataType) -> Result<ArrayRef> {
    let overflow = |_| raise(out_of_range(data_type));
    let array = result.map_err(overflow)?.as_primitive::<Decimal128Type>().clone();
    array.validate_decimal_precision(PRECISION).map_err(overflow)?;
    Ok(Arc::new(array.with_data_type(data_type.clone())))
}

/// The scale of a decimal type.
pub fn scale_of(data_type: &DataType) -> Option<i8> {
    match data_type {
        DataType::Decimal128(_, scale) => Some(*scale),
        _ => None,
    }
}

fn quotient_type(types: &[DataType]) -> Result<DataType> {
    match (scale_of(&types[0]), scale_of(&types[1])) {
        (Some(a), Some(b)) => Ok(DataType::Decimal128(PRECISION, QUOTIENT_SCALE.max(a).max(b))),
        _ => internal_err!("no exact division of {} by {}", types[0], types[1]),
    }
}

fn integer_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Decimal128(PRECISION, 0))
}

/// How digits are dropped.
#[derive(Clone, Copy)]
pub enum Rounding {
    /// PostgreSQL's `round`.
    HalfAwayFromZero,
    /// `trunc`
    TowardZero,
    /// `ceil`
    Up,
    /// `floor`
    Down,
}

fn ten_to(exponent: u32) -> i256 {
    (0..exponent).fold(i256::ONE, |power, _| power.wrapping_mul(i256::from_i128(10)))
}

/// `numerator / denominator` rounded; the denominator is not zero.
fn divide_rounded(numerator: i256, denominator: i256, rounding: Rounding) -> i256 {
    let quotient = numerator.wrapping_div(denominator);
    let rest = numerator.wrapping_rem(denominator);
    if rest == i256::ZERO {
        return quotient;
    }
    let negative = (numerator < i256::ZERO) != (denominator < i256::ZERO);
    let away = match rounding {
        Rounding::TowardZero => false,
        Rounding::Up => !negative,
        Rounding::Down => negative,
        Rounding::HalfAwayFromZero => {
            rest.wrapping_abs().wrapping_mul(i256::from_i128(2)) >= denominator.wrapping_abs()
        }
    };
    match (away, negative) {
        (false, _) => quotient,
        (true, false) => quotient.wrapping_add(i256::ONE),
        (true, true) => quotient.wrapping_sub(i256::ONE),
    }
}

/// The number as a value of 38 digits, or nothing.
fn fit(value: i256) -> Option<i128> {
    value.to_i128().filter(|v| v.unsigned_abs() < 10u128.pow(u32::from(PRECISION)))
}

fn divide(arguments: &[ArrayRef], data_type: &DataType) -> Result<ArrayRef> {
    let (a, b) = (downcast::<Decimal128Array>(&arguments[0])?, downcast::<Decimal128Array>(&arguments[1])?);
    let result_scale = scale_of(data_type).unwrap_or(QUOTIENT_SCALE);
    // value = (x / 10^sa) / (y / 10^sb) * 10^r  =  x * 10^(r - sa + sb) / y, and r >= sa
    let factor = ten_to((i32::from(result_scale) - i32::from(a.scale()) + i32::from(b.scale())).max(0) as u32);
    let quotient = |x: i128, y: i128| -> Result<i128> {
        if y == 0 {
            return Err(raise(division_by_zero()));
        }
        let numerator = i256::from_i128(x).checked_mul(factor).ok_or_else(|| raise(out_of_range(data_type)))?;
        fit(divide_rounded(numerator, i256::from_i128(y), Rounding::HalfAwayFromZero))
            .ok_or_else(|| raise(out_of_range(data_type)))
    };
    let values = a.iter().zip(b.iter()).map(|pair| match pair {
        (Some(x), Some(y)) => quotient(x, y).map(Some),
        _ => Ok(None),
    });
    let array: Decimal128Array = values.collect::<Result<Vec<_>>>()?.into();
    Ok(Arc::new(array.with_data_type(data_type.clone())))
}

fn rescaled(arguments: &[ArrayRef], data_type: &DataType, rounding: Rounding) -> Result<ArrayRef> {
    let a = arguments[0].as_primitive::<Decimal128Type>();
    Ok(Arc::new(rescale(a, scale_of(data_type).unwrap_or(0), rounding)?.with_data_type(data_type.clone())))
}

/// The decimals with another scale.
pub fn rescale(array: &Decimal128Array, scale: i8, rounding: Rounding) -> Result<Decimal128Array> {
    let (from, to) = (i32::from(array.scale()), i32::from(scale));
    let power = ten_to(from.abs_diff(to));
    let value = |x: i128| -> Result<i128> {
        let x = i256::from_i128(x);
        let scaled = if to >= from { x.checked_mul(power) } else { Some(divide_rounded(x, power, rounding)) };
        scaled.and_then(fit).ok_or_else(|| raise(out_of_range(&DataType::Decimal128(PRECISION, scale))))
    };
    let values = array.iter().map(|v| v.map(value).transpose()).collect::<Result<Vec<_>>>()?;
    Ok(Decimal128Array::from(values).with_data_type(DataType::Decimal128(PRECISION, scale)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals(values: &[i128], scale: i8) -> ArrayRef {
        Arc::new(Decimal128Array::from(values.to_vec()).with_precision_and_scale(38, scale).expect("scale"))
    }

    #[test]
    fn quotients_have_sixteen_decimals_and_round_half_away() {
        let t = quotient_type(&[DataType::Decimal128(15, 2), DataType::Decimal128(20, 0)]).expect("type");
        assert_eq!(t, DataType::Decimal128(38, 16));
        let result = divide(&[decimals(&[1000, -200], 2), decimals(&[3, 3], 0)], &t).expect("quotient");
        let result = result.as_primitive::<Decimal128Type>().clone();
        assert_eq!(result.value_as_string(0), "3.3333333333333333");
        assert_eq!(result.value_as_string(1), "-0.6666666666666667");
        assert!(divide(&[decimals(&[1], 0), decimals(&[0], 0)], &t).is_err());
    }

    #[test]
    fn rounding_modes() {
        let values = Decimal128Array::from(vec![25, -25, 24, -21]).with_precision_and_scale(38, 1).expect("scale");
        let texts = |r| rescale(&values, 0, r).expect("rescaled").iter().flatten().collect::<Vec<_>>();
        assert_eq!(texts(Rounding::HalfAwayFromZero), [3, -3, 2, -2]);
        assert_eq!(texts(Rounding::TowardZero), [2, -2, 2, -2]);
        assert_eq!(texts(Rounding::Up), [3, -2, 3, -2]);
        assert_eq!(texts(Rounding::Down), [2, -3, 2, -3]);
    }
}
