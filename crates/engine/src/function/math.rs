//! Mathematical functions by PostgreSQL's names and types: `round` of a float goes half to even, `ceil` of a numeric keeps its digits, the logarithm of
//! zero is an error.
//!
//! Source: PostgreSQL `float.c` (`dround`, `dlog1`, `dsqrt`), `numeric.c`.

use super::arithmetic::{division_by_zero, out_of_range};
use super::numeric::{PRECISION, Rounding, rescale, scale_of};
use super::{Function, raise};
use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array, StringArray};
use arrow::compute::{cast, try_unary};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type};
use arrow::error::ArrowError;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{ScalarUDF, Signature, TypeSignature, Volatility};
use std::sync::Arc;
use weft_core::pgtype::ColumnType;
use weft_core::{Error, ErrorKind};

/// Every function of this module.
pub fn all() -> Vec<Arc<ScalarUDF>> {
    let one = |name, typing, kernel| {
        Arc::new(Function::with_signature(name, Signature::any(1, Volatility::Immutable), typing, kernel))
    };
    let pair = |name, typing, kernel| {
        Arc::new(Function::with_signature(name, Signature::any(2, Volatility::Immutable), typing, kernel))
    };
    let float = |name, kernel| Arc::new(Function::with_signature(name, floats(), |_| Ok(DataType::Float64), kernel));
    vec![
        one("abs", numeric_or_float_or_integer, |a, t| super::arithmetic::absolute(&a[0], t)),
        one("sign", numeric_or_float, |a, t| sign(&a[0], t)),
        one("ceil", numeric_or_float, |a, t| rounded(&a[0], t, Rounding::Up, f64::ceil)),
        one("ceiling", numeric_or_float, |a, t| rounded(&a[0], t, Rounding::Up, f64::ceil)),
        one("floor", numeric_or_float, |a, t| rounded(&a[0], t, Rounding::Down, f64::floor)),
        Arc::new(Function::with_signature("round", one_or_two(), rounded_type, |a, t| {
            round(a, t, Rounding::HalfAwayFromZero, f64::round_ties_even)
        })),
        Arc::new(Function::with_signature("trunc", one_or_two(), rounded_type, |a, t| {
            round(a, t, Rounding::TowardZero, f64::trunc)
        })),
        Arc::new(Function::with_signature(
            "upper",
            Signature::string(1, Volatility::Immutable),
            |_| Ok(DataType::Utf8),
            |a, _| each_letter(&a[0], |c| simple(c.to_uppercase(), c)),
        )),
        Arc::new(Function::with_signature(
            "lower",
            Signature::string(1, Volatility::Immutable),
            |_| Ok(DataType::Utf8),
            |a, _| each_letter(&a[0], |c| simple(c.to_lowercase(), c)),
        )),
        pair("div", whole_quotient, |a, t| div(&a[0], &a[1], t)),
        float("ln", |a, _| checked(&a[0], logarithm(f64::ln))),
        float("log10", |a, _| checked(&a[0], logarithm(f64::log10))),
        float("sqrt", |a, _| checked(&a[0], square_root)),
        float("exp", |a, _| checked(&a[0], exponential)),
    ]
}

fn one_or_two() -> Signature {
    Signature::one_of(vec![TypeSignature::Any(1), TypeSignature::Any(2)], Volatility::Immutable)
}

/// A numeric keeps its scale when it is rounded to given decimals: how many are asked for is known only for each row.
fn rounded_type(types: &[DataType]) -> Result<DataType> {
    match types {
        [_] => numeric_or_float(types),
        [DataType::Decimal128(_, scale), t] if t.is_integer() => Ok(DataType::Decimal128(PRECISION, *scale)),
        [DataType::Int16 | DataType::Int32 | DataType::Int64, t] if t.is_integer() => {
            Ok(DataType::Decimal128(PRECISION, 0))
        }
        [other, ..] => Err(raise(
            Error::new(
                ErrorKind::UndefinedFunction,
                format!("function round({}, integer) does not exist", ColumnType::of_arrow(other).sql_name()),
            )
            .with_hint("Cast it to numeric."),
        )),
        [] => plan_err!("round takes an argument"),
    }
}

fn round(arguments: &[ArrayRef], data_type: &DataType, rounding: Rounding, float: fn(f64) -> f64) -> Result<ArrayRef> {
    let [value, decimals] = arguments else { return rounded(&arguments[0], data_type, rounding, float) };
    let scale = scale_of(data_type).unwrap_or(0);
    let value = match value.data_type() {
        DataType::Decimal128(..) => value.clone(),
        _ => cast(value, &DataType::Decimal128(19, 0))?,
    };
    let value = value.as_primitive::<Decimal128Type>();
    let decimals = cast(decimals, &DataType::Int32)?;
    let decimals = decimals.as_primitive::<arrow::datatypes::Int32Type>();
    let rows = value.iter().zip(decimals.iter()).map(|pair| match pair {
        (Some(v), Some(n)) if n >= i32::from(scale) => Ok(Some(v)),
        (Some(v), Some(n)) => {
            let places = (i32::from(scale) - n).clamp(0, 39) as u32;
            let power = 10i128.checked_pow(places);
            power.map_or(Ok(Some(0)), |power| Ok(Some(rounded_to(v, power, rounding))))
        }
        _ => Ok(None),
    });
    let rows: Decimal128Array = rows.collect::<Result<Vec<_>>>()?.into();
    Ok(Arc::new(rows.with_data_type(data_type.clone())))
}

/// The multiple of `power` that the value is rounded to.
fn rounded_to(value: i128, power: i128, rounding: Rounding) -> i128 {
    let rest = value % power;
    let kept = value - rest;
    let away = matches!(rounding, Rounding::HalfAwayFromZero) && rest.unsigned_abs() * 2 >= power.unsigned_abs();
    if away { kept + power * value.signum() } else { kept }
}

/// Letters that have no single counterpart stay, as in PostgreSQL's C locales: the upper case of ß is ß.
fn simple(mut mapped: impl Iterator<Item = char>, original: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => original,
    }
}

fn each_letter(array: &ArrayRef, map: impl Fn(char) -> char) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let mapped = array.as_string::<i32>().iter().map(|s| s.map(|s| s.chars().map(&map).collect::<String>()));
    Ok(Arc::new(mapped.collect::<StringArray>()))
}

fn floats() -> Signature {
    Signature::one_of(vec![TypeSignature::Exact(vec![DataType::Float64])], Volatility::Immutable)
}

fn numeric_or_float(types: &[DataType]) -> Result<DataType> {
    match &types[0] {
        DataType::Decimal128(_, scale) if *scale >= 0 => Ok(DataType::Decimal128(PRECISION, 0)),
        DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Null => Ok(DataType::Float64),
        other => plan_err!("no such function of the type {other}"),
    }
}

fn numeric_or_float_or_integer(types: &[DataType]) -> Result<DataType> {
    match &types[0] {
        t if t.is_numeric() => Ok(t.clone()),
        DataType::Null => Ok(DataType::Float64),
        other => plan_err!("abs of the type {other} cannot be had"),
    }
}

fn whole_quotient(types: &[DataType]) -> Result<DataType> {
    if types.iter().all(|t| t.is_integer() || matches!(t, DataType::Decimal128(..))) {
        return Ok(DataType::Decimal128(PRECISION, 0));
    }
    plan_err!("div takes two numerics")
}

fn as_float(array: &ArrayRef) -> Result<Float64Array> {
    Ok(cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

fn rounded(array: &ArrayRef, data_type: &DataType, rounding: Rounding, float: fn(f64) -> f64) -> Result<ArrayRef> {
    match data_type {
        DataType::Decimal128(..) => Ok(Arc::new(rescale(array.as_primitive::<Decimal128Type>(), 0, rounding)?)),
        _ => Ok(Arc::new(as_float(array)?.unary::<_, Float64Type>(float))),
    }
}

fn sign(array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    match data_type {
        DataType::Decimal128(..) => {
            let signs = array.as_primitive::<Decimal128Type>().unary::<_, Decimal128Type>(i128::signum);
            Ok(Arc::new(signs.with_data_type(data_type.clone())))
        }
        _ => {
            let sign = |x: f64| {
                if x.is_nan() {
                    0.0
                } else if x == 0.0 {
                    x
                } else {
                    x.signum()
                }
            };
            Ok(Arc::new(as_float(array)?.unary::<_, Float64Type>(sign)))
        }
    }
}

/// The quotient of two numerics without its fraction.
fn div(a: &ArrayRef, b: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    let numeric = |array: &ArrayRef| -> Result<Decimal128Array> {
        let array = match array.data_type() {
            DataType::Decimal128(..) => array.clone(),
            _ => cast(array, &DataType::Decimal128(19, 0))?,
        };
        Ok(array.as_primitive::<Decimal128Type>().clone())
    };
    let (a, b) = (numeric(a)?, numeric(b)?);
    let scale = a.scale().max(b.scale());
    let (a, b) = (rescale(&a, scale, Rounding::TowardZero)?, rescale(&b, scale, Rounding::TowardZero)?);
    let quotients = a.iter().zip(b.iter()).map(|pair| match pair {
        (Some(_), Some(0)) => Err(raise(division_by_zero())),
        (Some(x), Some(y)) => x.checked_div(y).map(Some).ok_or_else(|| raise(out_of_range(data_type))),
        _ => Ok(None),
    });
    let quotients: Decimal128Array = quotients.collect::<Result<Vec<_>>>()?.into();
    debug_assert_eq!(scale_of(data_type), Some(0));
    Ok(Arc::new(quotients.with_data_type(data_type.clone())))
}

fn checked(array: &ArrayRef, function: impl Fn(f64) -> Result<f64, Error>) -> Result<ArrayRef> {
    let array = as_float(array)?;
    let result: std::result::Result<Float64Array, ArrowError> =
        try_unary(&array, |x| function(x).map_err(|e| ArrowError::ExternalError(Box::new(e))));
    Ok(Arc::new(result?))
}

fn logarithm(function: fn(f64) -> f64) -> impl Fn(f64) -> Result<f64, Error> {
    move |x| {
        let refuse =
            |what| Err(Error::new(ErrorKind::InvalidArgumentForLogarithm, format!("cannot take logarithm of {what}")));
        match x {
            0.0 => refuse("zero"),
            x if x < 0.0 => refuse("a negative number"),
            x => Ok(function(x)),
        }
    }
}

fn square_root(x: f64) -> Result<f64, Error> {
    if x < 0.0 {
        return Err(Error::new(ErrorKind::InvalidArgumentForPower, "cannot take square root of a negative number"));
    }
    Ok(x.sqrt())
}

fn exponential(x: f64) -> Result<f64, Error> {
    let result = x.exp();
    if x.is_finite() && (result.is_infinite() || result == 0.0) {
        return Err(out_of_range(&DataType::Float64));
    }
    Ok(result)
}
