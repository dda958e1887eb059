//! Texts, and what is text in the gateway: JSON, UUIDs, labels of enums. And bytes. Source of the binary forms: `textsend`, `jsonb_send`, `uuid_send`,
//! `charsend`.

use super::scalar::{binary, fixed, string};
use super::{Column, Misfit};
use arrow::array::StringBuilder;
use arrow::datatypes::DataType;
use tokio_postgres::types::{Kind, Type};
use weft_core::ErrorKind;

/// The only version of jsonb's binary form.
const JSONB_VERSION: u8 = 1;

/// A column of text or bytes, if `source` is that.
pub(super) fn column(source: &Type, wanted: &DataType) -> Option<Box<dyn Column>> {
    match (source, wanted) {
        (&Type::BYTEA, DataType::Binary) => Some(binary()),
        (_, DataType::Utf8) => match *source {
            Type::TEXT | Type::VARCHAR | Type::NAME | Type::JSON | Type::XML | Type::UNKNOWN => Some(string(as_it_is)),
            Type::BPCHAR => Some(string(|v, out| as_it_is(unfilled(v), out))),
            Type::JSONB => Some(string(jsonb)),
            Type::UUID => Some(string(uuid)),
            _ if matches!(source.kind(), Kind::Enum(_)) => Some(string(as_it_is)),
            _ => None,
        },
        _ => None,
    }
}

fn as_it_is(value: &[u8], out: &mut StringBuilder) -> Result<(), Misfit> {
    out.append_value(std::str::from_utf8(value).map_err(|_| not_utf8())?);
    Ok(())
}

fn jsonb(value: &[u8], out: &mut StringBuilder) -> Result<(), Misfit> {
    match value.split_first() {
        Some((&JSONB_VERSION, text)) => as_it_is(text, out),
        _ => Err(Misfit::malformed("jsonb")),
    }
}

fn uuid(value: &[u8], out: &mut StringBuilder) -> Result<(), Misfit> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'-'; 36];
    // Where there is no hyphen.
    let mut places =
        text.iter_mut().enumerate().filter(|(i, _)| !matches!(i, 8 | 13 | 18 | 23)).map(|(_, place)| place);
    for byte in fixed::<16>(value, "uuid")? {
        for nibble in [byte >> 4, byte & 15] {
            if let Some(place) = places.next() {
                *place = HEX[usize::from(nibble)];
            }
        }
    }
    as_it_is(&text, out)
}

/// `char(n)` without the blanks that fill it up.
fn unfilled(value: &[u8]) -> &[u8] {
    let end = value.iter().rposition(|b| *b != b' ').map_or(0, |last| last + 1);
    &value[..end]
}

/// Only a database without an encoding (`SQL_ASCII`) sends such bytes.
fn not_utf8() -> Misfit {
    Misfit::new(
        ErrorKind::CharacterNotInRepertoire,
        "text is not valid UTF-8",
        "Read the column as bytes by remote_query.",
    )
}
