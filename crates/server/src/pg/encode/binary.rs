//! Binary of booleans, floats, bytes, uuids, jsonb, and of those catalog types that are carried as text.

use super::{Writer, sized};
use arrow::array::{BinaryArray, BooleanArray, FixedSizeBinaryArray, Float32Array, Float64Array, StringArray};
use bytes::BufMut;
use weft_core::pgtype::{INT2, OID, PgType};
use weft_core::{Error, ErrorKind, Result};

/// The version of jsonb's binary form.
const JSONB_VERSION: u8 = 1;

/// One byte.
pub(super) fn boolean(array: BooleanArray) -> Writer {
    Box::new(move |row, out| {
        out.put_u8(array.value(row).into());
        Ok(())
    })
}

/// IEEE 754, four bytes.
pub(super) fn float4(array: Float32Array) -> Writer {
    Box::new(move |row, out| {
        out.put_f32(array.value(row));
        Ok(())
    })
}

/// IEEE 754, eight bytes.
pub(super) fn float8(array: Float64Array) -> Writer {
    Box::new(move |row, out| {
        out.put_f64(array.value(row));
        Ok(())
    })
}

/// A real that was described as double precision.
pub(super) fn float8_of_4(array: Float32Array) -> Writer {
    Box::new(move |row, out| {
        out.put_f64(array.value(row).into());
        Ok(())
    })
}

/// As they are.
pub(super) fn bytes(array: BinaryArray) -> Writer {
    Box::new(move |row, out| {
        out.put_slice(array.value(row));
        Ok(())
    })
}

/// As they are.
pub(super) fn fixed_bytes(array: FixedSizeBinaryArray) -> Writer {
    Box::new(move |row, out| {
        out.put_slice(array.value(row));
        Ok(())
    })
}

/// Sixteen bytes of a uuid carried as text.
pub(super) fn uuid(array: StringArray) -> Writer {
    Box::new(move |row, out| {
        out.put_slice(uuid::Uuid::try_parse(array.value(row)).map_err(|_| unreadable("uuid"))?.as_bytes());
        Ok(())
    })
}

/// A version, then the text.
pub(super) fn jsonb(array: StringArray) -> Writer {
    Box::new(move |row, out| {
        out.put_u8(JSONB_VERSION);
        out.put_slice(array.value(row).as_bytes());
        Ok(())
    })
}

/// An object's number carried as text.
pub(super) fn oid(array: StringArray) -> Writer {
    Box::new(move |row, out| {
        out.put_u32(array.value(row).parse().map_err(|_| unreadable("oid"))?);
        Ok(())
    })
}

/// int2vector and oidvector, carried as numbers between spaces: an array that counts from 0.
pub(super) fn vector(array: StringArray, pg: &'static PgType) -> Writer {
    let item = if pg.name == "int2vector" { &INT2 } else { &OID };
    Box::new(move |row, out| {
        let numbers = array.value(row).split_whitespace().map(str::parse::<u32>);
        let numbers = numbers.collect::<Result<Vec<_>, _>>().map_err(|_| unreadable(pg.name))?;
        out.put_i32(1);
        out.put_i32(0);
        out.put_u32(item.oid);
        out.put_i32(numbers.len() as i32);
        out.put_i32(0);
        for number in numbers {
            sized(out, |out| {
                match item.len {
                    2 => out.put_u16(u16::try_from(number).map_err(|_| unreadable(pg.name))?),
                    _ => out.put_u32(number),
                }
                Ok(())
            })?;
        }
        Ok(())
    })
}

fn unreadable(what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidTextRepresentation,
        format!("a value of a column of type {what} cannot be read as such"),
    )
}
