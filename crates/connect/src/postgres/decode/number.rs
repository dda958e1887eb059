//! Numbers. What PostgreSQL computes may be wider than what was expected, such as the `numeric` that a sum of `bigint` is: it is read exactly or not at
//! all. Source of the binary forms: `int4send`, `float8send`, `numeric_send`.

use super::scalar::{boolean, fixed, primitive};
use super::{Column, Misfit};
use arrow::datatypes::{DataType, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type};
use tokio_postgres::types::Type;
use weft_core::ErrorKind;

const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;

const OTHERWISE: &str = "Read it as text: option numeric_as 'text' of the catalog, or a cast in remote_query.";

/// A column of numbers or truth values, if `source` is that.
pub(super) fn column(source: &Type, wanted: &DataType) -> Option<Box<dyn Column>> {
    match (source, wanted) {
        (&Type::BOOL, DataType::Boolean) => Some(boolean()),
        (&Type::FLOAT4, DataType::Float32) => {
            Some(primitive::<Float32Type>(wanted, |v| Ok(f32::from_be_bytes(fixed(v, "real")?))))
        }
        (&Type::FLOAT4, DataType::Float64) => {
            Some(primitive::<Float64Type>(wanted, |v| Ok(f32::from_be_bytes(fixed(v, "real")?).into())))
        }
        (&Type::FLOAT8, DataType::Float64) => {
            Some(primitive::<Float64Type>(wanted, |v| Ok(f64::from_be_bytes(fixed(v, "double precision")?))))
        }
        (&Type::INT2, _) => integer(wanted, |v| Ok(i16::from_be_bytes(fixed(v, "smallint")?).into())),
        (&Type::INT4, _) => integer(wanted, |v| Ok(i32::from_be_bytes(fixed(v, "integer")?).into())),
        (&Type::INT8, _) => integer(wanted, |v| Ok(i64::from_be_bytes(fixed(v, "bigint")?))),
        (&Type::OID, _) => integer(wanted, |v| Ok(u32::from_be_bytes(fixed(v, "oid")?).into())),
        (&Type::NUMERIC, _) => numeric(wanted),
        _ => None,
    }
}

/// A whole number of up to 64 bits.
fn integer(
    wanted: &DataType,
    read: impl Fn(&[u8]) -> Result<i64, Misfit> + Copy + Send + 'static,
) -> Option<Box<dyn Column>> {
    Some(match *wanted {
        DataType::Int16 => primitive::<Int16Type>(wanted, move |v| narrow(read(v)?, "smallint")),
        DataType::Int32 => primitive::<Int32Type>(wanted, move |v| narrow(read(v)?, "integer")),
        DataType::Int64 => primitive::<Int64Type>(wanted, read),
        DataType::Decimal128(precision, scale @ 0..) => {
            let (range, factor) = (Range::of(precision, scale), power_of_ten(scale.unsigned_abs().into())?);
            primitive::<Decimal128Type>(wanted, move |v| range.admit(i128::from(read(v)?).checked_mul(factor)))
        }
        _ => return None,
    })
}

fn numeric(wanted: &DataType) -> Option<Box<dyn Column>> {
    Some(match *wanted {
        DataType::Int16 => primitive::<Int16Type>(wanted, |v| narrow(scaled(v, 0)?, "smallint")),
        DataType::Int32 => primitive::<Int32Type>(wanted, |v| narrow(scaled(v, 0)?, "integer")),
        DataType::Int64 => primitive::<Int64Type>(wanted, |v| narrow(scaled(v, 0)?, "bigint")),
        DataType::Decimal128(precision, scale @ 0..) => {
            let range = Range::of(precision, scale);
            primitive::<Decimal128Type>(wanted, move |v| range.admit(Some(scaled(v, scale.into())?)))
        }
        _ => return None,
    })
}

fn narrow<W, N: TryFrom<W>>(value: W, name: &str) -> Result<N, Misfit> {
    N::try_from(value).map_err(|_| Misfit::new(ErrorKind::NumericOutOfRange, format!("{name} out of range"), ""))
}

/// What a decimal of some precision can hold.
#[derive(Clone, Copy)]
struct Range {
    precision: u8,
    scale: i8,
    /// The first number beyond.
    limit: i128,
}

impl Range {
    fn of(precision: u8, scale: i8) -> Range {
        Range { precision, scale, limit: power_of_ten(precision.into()).unwrap_or(i128::MAX) }
    }

    fn admit(self, scaled: Option<i128>) -> Result<i128, Misfit> {
        scaled.filter(|v| (-self.limit < *v) && (*v < self.limit)).ok_or_else(|| {
            let why = format!("a value does not fit numeric({},{})", self.precision, self.scale);
            Misfit::new(ErrorKind::NumericOutOfRange, why, OTHERWISE)
        })
    }
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

/// The number times ten to the `scale`, if that is whole and has no more than 38 digits.
///
/// Its form: the count of digits to base 10000, the weight of the first, the sign, the digits to show after the point, and the digits.
fn scaled(value: &[u8], scale: i32) -> Result<i128, Misfit> {
    let (header, digits) = value.split_at_checked(8).ok_or_else(|| Misfit::malformed("numeric"))?;
    let word = |i: usize| u16::from_be_bytes([header[2 * i], header[2 * i + 1]]);
    let (count, weight, sign) = (word(0), word(1).cast_signed(), word(2));
    if digits.len() != 2 * usize::from(count) {
        return Err(Misfit::malformed("numeric"));
    }
    if sign != POSITIVE && sign != NEGATIVE {
        let what = "NaN or an infinite number does not fit a decimal";
        return Err(Misfit::new(ErrorKind::NumericOutOfRange, what, OTHERWISE));
    }
    let too_large = || Misfit::new(ErrorKind::NumericOutOfRange, "a number has more than 38 digits", OTHERWISE);
    let mut number: i128 = 0;
    // What one of the digit stands for, as a power of ten of the result's unit.
    let mut exponent = 4 * i32::from(weight) + scale;
    for digit in digits.chunks_exact(2) {
        let digit = i128::from(u16::from_be_bytes([digit[0], digit[1]]));
        let (factor, addend) = match exponent {
            0.. => (10_000, digit),
            -3..0 => {
                let cut = 10i128.pow(exponent.unsigned_abs());
                if digit % cut != 0 {
                    return Err(inexact(scale));
                }
                (10_000 / cut, digit / cut)
            }
            _ if digit != 0 => return Err(inexact(scale)),
            _ => (1, 0),
        };
        number = number.checked_mul(factor).and_then(|n| n.checked_add(addend)).ok_or_else(too_large)?;
        exponent -= 4;
    }
    let missing = exponent + 4;
    if number != 0 && missing > 0 {
        number = power_of_ten(missing.unsigned_abs()).and_then(|p| number.checked_mul(p)).ok_or_else(too_large)?;
    }
    Ok(if sign == NEGATIVE { -number } else { number })
}

fn inexact(scale: i32) -> Misfit {
    let why = format!("a number has more than {scale} digits after the point");
    Misfit::new(ErrorKind::NumericOutOfRange, why, OTHERWISE)
}
