//! Arithmetic of integers and floats as PostgreSQL has it: overflow and division by zero are errors, integer division truncates.
//!
//! Source: PostgreSQL `int.c`, `int8.c`, `float.c`.

use super::{Function, raise};
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::compute::kernels::numeric;
use arrow::compute::{try_binary, try_unary};
use arrow::datatypes::{
    ArrowNativeTypeOp, ArrowPrimitiveType, DataType, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
};
use arrow::error::ArrowError;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ScalarUDF;
use std::sync::{Arc, LazyLock};
use weft_core::{Error, ErrorKind};

macro_rules! functions {
    ($($konst:ident $name:literal $arguments:literal $typing:ident $kernel:expr;)*) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub static $konst: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(Function::internal($name, $arguments, $typing, $kernel)));
        )*
        /// Every function of this module.
        pub fn all() -> Vec<Arc<ScalarUDF>> {
            vec![$($konst.clone()),*]
        }
    };
}
pub(crate) use functions;

functions! {
    ADD "weft_add" 2 same |a, t| finite(a, checked(numeric::add(&a[0], &a[1]), t)?);
    SUBTRACT "weft_subtract" 2 same |a, t| finite(a, checked(numeric::sub(&a[0], &a[1]), t)?);
    MULTIPLY "weft_multiply" 2 same |a, t| finite(a, checked(numeric::mul(&a[0], &a[1]), t)?);
    INT_DIVIDE "weft_int_divide" 2 same divide;
    INT_MODULO "weft_int_modulo" 2 same modulo;
    FLOAT_DIVIDE "weft_float_divide" 2 same divide;
    NEGATE "weft_negate" 1 same |a, t| checked(numeric::neg(&a[0]), t);
}

/// Both arguments have been brought to one type, which is the result's.
fn same(types: &[DataType]) -> Result<DataType> {
    Ok(types[0].clone())
}

/// PostgreSQL's words for a value of this type that does not fit.
pub(crate) fn out_of_range(data_type: &DataType) -> Error {
    let message = match data_type {
        DataType::Int16 => "smallint out of range",
        DataType::Int32 => "integer out of range",
        DataType::Int64 => "bigint out of range",
        DataType::Decimal128(..) | DataType::Decimal256(..) => "numeric field overflow",
        _ => "value out of range: overflow",
    };
    Error::new(ErrorKind::NumericOutOfRange, message)
}

/// `22012`
pub(crate) fn division_by_zero() -> Error {
    Error::new(ErrorKind::DivisionByZero, "division by zero")
}

/// Gives arrow's two arithmetic failures PostgreSQL's words, and refuses a float that overflowed.
fn checked(result: std::result::Result<ArrayRef, ArrowError>, data_type: &DataType) -> Result<ArrayRef> {
    let array = result.map_err(|e| match e {
        ArrowError::DivideByZero => raise(division_by_zero()),
        ArrowError::ArithmeticOverflow(_) => raise(out_of_range(data_type)),
        other => other.into(),
    })?;
    Ok(array)
}

/// A float that became infinite by itself is out of range.
fn finite(arguments: &[ArrayRef], result: ArrayRef) -> Result<ArrayRef> {
    fn infinite<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> bool
    where
        T::Native: num_like::Float,
    {
        num_like::Float::infinite(array.as_primitive::<T>().value(row))
    }
    let is_infinite: fn(&ArrayRef, usize) -> bool = match result.data_type() {
        DataType::Float32 => infinite::<Float32Type>,
        DataType::Float64 => infinite::<Float64Type>,
        _ => return Ok(result),
    };
    let overflowed = (0..result.len())
        .any(|row| result.is_valid(row) && is_infinite(&result, row) && !arguments.iter().any(|a| is_infinite(a, row)));
    if overflowed { Err(raise(out_of_range(result.data_type()))) } else { Ok(result) }
}

/// `a / b` of one numeric type; integers truncate toward zero.
fn divide(arguments: &[ArrayRef], data_type: &DataType) -> Result<ArrayRef> {
    let (a, b) = (&arguments[0], &arguments[1]);
    match data_type {
        DataType::Int16 => each::<Int16Type>(a, b, data_type, |x, y| x.checked_div(y)),
        DataType::Int32 => each::<Int32Type>(a, b, data_type, |x, y| x.checked_div(y)),
        DataType::Int64 => each::<Int64Type>(a, b, data_type, |x, y| x.checked_div(y)),
        DataType::Float32 => {
            each::<Float32Type>(a, b, data_type, |x, y| fits(x / y, x.is_infinite() || y.is_infinite()))
        }
        DataType::Float64 => {
            each::<Float64Type>(a, b, data_type, |x, y| fits(x / y, x.is_infinite() || y.is_infinite()))
        }
        other => internal_err!("no division of {other}"),
    }
}

/// A float result is an error if it became infinite by itself.
fn fits<F: num_like::Float>(result: F, infinite_before: bool) -> Option<F> {
    (infinite_before || !result.infinite()).then_some(result)
}

mod num_like {
    //! The one question asked of both widths of floats.
    pub trait Float: Copy {
        fn infinite(self) -> bool;
    }
    impl Float for f32 {
        fn infinite(self) -> bool {
            self.is_infinite()
        }
    }
    impl Float for f64 {
        fn infinite(self) -> bool {
            self.is_infinite()
        }
    }
}

/// `a % b`: the sign of `a`; the smallest integer modulo -1 is 0.
fn modulo(arguments: &[ArrayRef], data_type: &DataType) -> Result<ArrayRef> {
    let (a, b) = (&arguments[0], &arguments[1]);
    match data_type {
        DataType::Int16 => each::<Int16Type>(a, b, data_type, |x, y| Some(x.checked_rem(y).unwrap_or(0))),
        DataType::Int32 => each::<Int32Type>(a, b, data_type, |x, y| Some(x.checked_rem(y).unwrap_or(0))),
        DataType::Int64 => each::<Int64Type>(a, b, data_type, |x, y| Some(x.checked_rem(y).unwrap_or(0))),
        other => internal_err!("no modulo of {other}"),
    }
}

fn each<T: ArrowPrimitiveType>(
    a: &ArrayRef,
    b: &ArrayRef,
    data_type: &DataType,
    op: impl Fn(T::Native, T::Native) -> Option<T::Native>,
) -> Result<ArrayRef>
where
    T::Native: ArrowNativeTypeOp,
{
    let result: std::result::Result<PrimitiveArray<T>, ArrowError> =
        try_binary(a.as_primitive::<T>(), b.as_primitive::<T>(), |x, y| {
            if y.is_zero() {
                return Err(ArrowError::DivideByZero);
            }
            op(x, y).ok_or_else(|| ArrowError::ArithmeticOverflow(String::new()))
        });
    checked(result.map(|array| Arc::new(array) as ArrayRef), data_type)
}

/// The absolute value; that of the smallest integer is out of range.
pub(crate) fn absolute(a: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    fn of<T: ArrowPrimitiveType>(
        a: &ArrayRef,
        op: impl Fn(T::Native) -> Option<T::Native>,
    ) -> std::result::Result<ArrayRef, ArrowError> {
        let array: PrimitiveArray<T> =
            try_unary(a.as_primitive::<T>(), |x| op(x).ok_or_else(|| ArrowError::ArithmeticOverflow(String::new())))?;
        Ok(Arc::new(array))
    }
    let result = match data_type {
        DataType::Int16 => of::<Int16Type>(a, i16::checked_abs),
        DataType::Int32 => of::<Int32Type>(a, i32::checked_abs),
        DataType::Int64 => of::<Int64Type>(a, i64::checked_abs),
        DataType::Float32 => of::<Float32Type>(a, |x| Some(x.abs())),
        DataType::Float64 => of::<Float64Type>(a, |x| Some(x.abs())),
        DataType::Decimal128(..) => of::<arrow::datatypes::Decimal128Type>(a, i128::checked_abs).map(|array| {
            Arc::new(array.as_primitive::<arrow::datatypes::Decimal128Type>().clone().with_data_type(data_type.clone()))
                as ArrayRef
        }),
        other => return internal_err!("no absolute value of {other}"),
    };
    checked(result, data_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, Int32Array};

    fn ints(values: &[Option<i32>]) -> ArrayRef {
        Arc::new(Int32Array::from(values.to_vec()))
    }

    #[test]
    fn integers_truncate_and_raise() {
        let t = DataType::Int32;
        let quotient =
            divide(&[ints(&[Some(-7), None, Some(7)]), ints(&[Some(2), Some(0), Some(-2)])], &t).expect("quotient");
        assert_eq!(&quotient, &ints(&[Some(-3), None, Some(-3)]));
        assert!(
            divide(&[ints(&[Some(1)]), ints(&[Some(0)])], &t).unwrap_err().to_string().contains("division by zero")
        );
        assert!(
            divide(&[ints(&[Some(i32::MIN)]), ints(&[Some(-1)])], &t)
                .unwrap_err()
                .to_string()
                .contains("integer out of range")
        );
        let rest = modulo(&[ints(&[Some(-7), Some(i32::MIN)]), ints(&[Some(3), Some(-1)])], &t).expect("rest");
        assert_eq!(&rest, &ints(&[Some(-1), Some(0)]));
    }

    #[test]
    fn floats_raise_on_zero_but_keep_infinity() {
        let f = |v: f64| Arc::new(Float64Array::from(vec![v])) as ArrayRef;
        assert!(divide(&[f(1.0), f(0.0)], &DataType::Float64).is_err());
        let infinite = divide(&[f(f64::INFINITY), f(2.0)], &DataType::Float64).expect("infinity");
        assert_eq!(infinite.as_primitive::<Float64Type>().value(0), f64::INFINITY);
    }
}
