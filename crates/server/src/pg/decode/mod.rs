//! Values of parameters, text or binary, as scalars of the Arrow type that carries their PostgreSQL type. What cannot be read is `22P02` (text),
//! `22P03` (binary) or the error of its class, never a NULL. Source: PostgreSQL 16's `*in` and `*recv` functions.

mod array;
mod binary;
mod interval;
mod moment;
mod number;
mod text;

#[cfg(test)]
mod tests;

use super::encode::Format;
use super::frame::utf8;
use chrono_tz::Tz;
use weft_core::pgtype::ColumnType;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::ScalarValue;

/// The value of a parameter of this type; `None` is NULL. Timestamps that do not say their time zone are in `zone`.
pub(crate) fn parameter(
    value: Option<&[u8]>,
    format: Format,
    column_type: ColumnType,
    zone: Tz,
) -> Result<ScalarValue> {
    let Some(bytes) = value else { return null(column_type) };
    match (format, column_type) {
        (Format::Text, ColumnType::Scalar(pg)) => text::scalar(utf8(bytes)?, pg, zone),
        (Format::Text, ColumnType::Array(item)) => array::from_text(utf8(bytes)?, item, zone),
        (Format::Binary, ColumnType::Scalar(pg)) => binary::scalar(bytes, pg),
        (Format::Binary, ColumnType::Array(item)) => array::from_binary(bytes, item),
    }
}

/// The typed NULL.
fn null(column_type: ColumnType) -> Result<ScalarValue> {
    let arrow = column_type
        .arrow_type()
        .ok_or_else(|| Error::unsupported(format!("a parameter of type {}", column_type.sql_name())))?;
    ScalarValue::try_from(&arrow).map_err(|e| Error::internal("a type without NULL").with_source(e))
}

/// `22P02`: the text is not one of the type's.
fn malformed_text(sql_name: &str, text: &str) -> Error {
    Error::new(ErrorKind::InvalidTextRepresentation, format!("invalid input syntax for type {sql_name}: \"{text}\""))
}

/// `22P03`: the bytes are not one of the type's.
fn malformed_binary(sql_name: &str) -> Error {
    Error::new(
        ErrorKind::InvalidBinaryRepresentation,
        format!("incorrect binary data format for a parameter of type {sql_name}"),
    )
}
