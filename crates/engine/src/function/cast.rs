//! Casts whose values PostgreSQL computes otherwise than arrow: a float becomes the nearest integer (half to even), a numeric the nearest (half away
//! from zero), and both raise 22003 when they do not fit.
//!
//! Source: PostgreSQL `float.c` (`dtoi4`: `rint`), `numeric.c` (`numeric_int4`).

use super::arithmetic::{functions, out_of_range};
use super::numeric::{Rounding, rescale};
use super::{Function, raise};
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ScalarUDF;
use std::sync::{Arc, LazyLock};

functions! {
    TO_INT2 "weft_to_int2" 1 int16 |a, t| to_integer::<Int16Type>(&a[0], t);
    TO_INT4 "weft_to_int4" 1 int32 |a, t| to_integer::<Int32Type>(&a[0], t);
    TO_INT8 "weft_to_int8" 1 int64 |a, t| to_integer::<Int64Type>(&a[0], t);
}

fn int16(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Int16)
}

fn int32(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Int32)
}

fn int64(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Int64)
}

/// The cast function to this integer type.
pub fn to_integer_function(target: &DataType) -> Option<&'static Arc<ScalarUDF>> {
    match target {
        DataType::Int16 => Some(&TO_INT2),
        DataType::Int32 => Some(&TO_INT4),
        DataType::Int64 => Some(&TO_INT8),
        _ => None,
    }
}

fn to_integer<T: ArrowPrimitiveType>(array: &ArrayRef, target: &DataType) -> Result<ArrayRef>
where
    T::Native: TryFrom<i128>,
{
    let fit = |value: Option<i128>| -> Result<T::Native> {
        value.and_then(|v| T::Native::try_from(v).ok()).ok_or_else(|| raise(out_of_range(target)))
    };
    let values: Vec<Option<T::Native>> = match array.data_type() {
        DataType::Float32 => {
            let floats = array.as_primitive::<Float32Type>();
            floats.iter().map(|v| v.map(|v| fit(nearest(f64::from(v)))).transpose()).collect::<Result<_>>()?
        }
        DataType::Float64 => {
            let floats = array.as_primitive::<Float64Type>();
            floats.iter().map(|v| v.map(|v| fit(nearest(v))).transpose()).collect::<Result<_>>()?
        }
        DataType::Decimal128(..) => {
            let integers = rescale(array.as_primitive::<Decimal128Type>(), 0, Rounding::HalfAwayFromZero)?;
            integers.iter().map(|v| v.map(|v| fit(Some(v))).transpose()).collect::<Result<_>>()?
        }
        other => return internal_err!("no integer of {other}"),
    };
    Ok(Arc::new(values.into_iter().collect::<PrimitiveArray<T>>()))
}

/// The nearest integer, half to even; nothing for NaN, infinities and what no 128-bit integer holds.
fn nearest(value: f64) -> Option<i128> {
    let rounded = value.round_ties_even();
    (rounded.is_finite() && rounded.abs() < 1e38).then_some(rounded as i128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Float64Array;

    #[test]
    fn floats_round_half_to_even() {
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![0.5, 1.5, -2.5]));
        let integers = to_integer::<Int32Type>(&floats, &DataType::Int32).expect("in range");
        assert_eq!(integers.as_primitive::<Int32Type>().values(), &[0, 2, -2]);
        let large: ArrayRef = Arc::new(Float64Array::from(vec![3e9]));
        assert!(
            to_integer::<Int32Type>(&large, &DataType::Int32).unwrap_err().to_string().contains("integer out of range")
        );
    }
}
