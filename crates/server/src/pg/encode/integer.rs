//! Text and binary of whole numbers.

use super::{Writer, numeric};
use arrow::array::PrimitiveArray;
use arrow::datatypes::ArrowPrimitiveType;
use bytes::BufMut;
use weft_core::pgtype::PgType;
use weft_core::{Error, ErrorKind};

/// Decimal digits.
pub(super) fn text<T: ArrowPrimitiveType>(array: PrimitiveArray<T>) -> Writer
where
    T::Native: itoa::Integer,
{
    Box::new(move |row, out| {
        out.put_slice(itoa::Buffer::new().format(array.value(row)).as_bytes());
        Ok(())
    })
}

/// As wide as the type that the client was told, which need not be that of the array.
pub(super) fn binary<T: ArrowPrimitiveType>(array: PrimitiveArray<T>, pg: &'static PgType) -> Writer
where
    T::Native: Into<i64>,
{
    let out_of_range = move |_| Error::new(ErrorKind::NumericOutOfRange, format!("{} out of range", pg.sql_name));
    match pg.name {
        "int2" => Box::new(move |row, out| {
            out.put_i16(array.value(row).into().try_into().map_err(out_of_range)?);
            Ok(())
        }),
        "int4" => Box::new(move |row, out| {
            out.put_i32(array.value(row).into().try_into().map_err(out_of_range)?);
            Ok(())
        }),
        "int8" => Box::new(move |row, out| {
            out.put_i64(array.value(row).into());
            Ok(())
        }),
        "float4" => Box::new(move |row, out| {
            out.put_f32(array.value(row).into() as f32);
            Ok(())
        }),
        "float8" => Box::new(move |row, out| {
            out.put_f64(array.value(row).into() as f64);
            Ok(())
        }),
        "numeric" => Box::new(move |row, out| {
            numeric::put_binary(&array.value(row).into().to_string(), 0, out);
            Ok(())
        }),
        // oid and the types that name an object by its number
        _ => Box::new(move |row, out| {
            out.put_u32(array.value(row).into().try_into().map_err(out_of_range)?);
            Ok(())
        }),
    }
}
