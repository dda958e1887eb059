//! Parameters that are arrays of one dimension. Source: `array_in`, `array_recv`.

use super::{binary, malformed_binary, text};
use crate::pg::frame::Body;
use bytes::Bytes;
use chrono_tz::Tz;
use weft_core::pgtype::{ColumnType, PgType};
use weft_core::{Error, ErrorKind, Result};
use weft_engine::ScalarValue;

/// `{1,NULL,"a b"}`
pub(super) fn from_text(text_of_array: &str, item: &'static PgType, zone: Tz) -> Result<ScalarValue> {
    let malformed =
        || Error::new(ErrorKind::InvalidTextRepresentation, format!("malformed array literal: \"{text_of_array}\""));
    let body = text_of_array.trim().strip_prefix('{').and_then(|t| t.strip_suffix('}')).ok_or_else(malformed)?;
    let mut items = Vec::new();
    let mut chars = body.chars().peekable();
    if body.trim().is_empty() {
        return list(items, item);
    }
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let (mut word, mut quoted) = (String::new(), false);
        if chars.next_if_eq(&'"').is_some() {
            quoted = true;
            loop {
                match chars.next().ok_or_else(malformed)? {
                    '"' => break,
                    '\\' => word.push(chars.next().ok_or_else(malformed)?),
                    c => word.push(c),
                }
            }
            while chars.next_if(|c| c.is_whitespace()).is_some() {}
        } else {
            while let Some(c) = chars.next_if(|c| *c != ',') {
                match c {
                    '{' | '}' => return Err(Error::unsupported("a parameter that is an array of several dimensions")),
                    '"' => return Err(malformed()),
                    '\\' => word.push(chars.next().ok_or_else(malformed)?),
                    c => word.push(c),
                }
            }
            word.truncate(word.trim_end().len());
            if word.is_empty() {
                return Err(malformed());
            }
        }
        items.push(if !quoted && word.eq_ignore_ascii_case("null") {
            None
        } else {
            Some(text::scalar(&word, item, zone)?)
        });
        match chars.next() {
            None => return list(items, item),
            Some(',') => {}
            Some(_) => return Err(malformed()),
        }
    }
}

/// Dimensions, a flag, the items' type, and each item behind its length.
pub(super) fn from_binary(bytes: &[u8], item: &'static PgType) -> Result<ScalarValue> {
    read_binary(Body(Bytes::copy_from_slice(bytes)), item).map_err(|error| match error.kind() {
        // What ends too early is no broken message here but a broken value.
        ErrorKind::ProtocolViolation => malformed_binary(item.sql_name),
        _ => error,
    })
}

fn read_binary(mut body: Body, item: &'static PgType) -> Result<ScalarValue> {
    let (dimensions, _flags, oid) = (body.int32()?, body.int32()?, body.int32()? as u32);
    if oid != item.oid {
        return Err(Error::new(
            ErrorKind::DatatypeMismatch,
            format!("binary data has array element type {oid} instead of expected {}", item.oid),
        ));
    }
    let count = match dimensions {
        0 => 0,
        1 => {
            let count = body.int32()?;
            let _lower_bound = body.int32()?;
            usize::try_from(count)
                .ok()
                .filter(|count| count * 4 <= body.0.len())
                .ok_or_else(|| malformed_binary(item.sql_name))?
        }
        2..=6 => return Err(Error::unsupported("a parameter that is an array of several dimensions")),
        _ => return Err(malformed_binary(item.sql_name)),
    };
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        items.push(match body.int32()? {
            -1 => None,
            length => {
                let length = usize::try_from(length).map_err(|_| malformed_binary(item.sql_name))?;
                Some(binary::scalar(&body.bytes(length)?, item)?)
            }
        });
    }
    body.end()?;
    list(items, item)
}

fn list(items: Vec<Option<ScalarValue>>, item: &'static PgType) -> Result<ScalarValue> {
    let unsupported = || Error::unsupported(format!("a parameter of type {}[]", item.sql_name));
    let arrow = ColumnType::Scalar(item).arrow_type().ok_or_else(unsupported)?;
    let null = ScalarValue::try_from(&arrow).map_err(|_| unsupported())?;
    let items: Vec<_> = items.into_iter().map(|i| i.unwrap_or_else(|| null.clone())).collect();
    Ok(ScalarValue::List(ScalarValue::new_list_nullable(&items, &arrow)))
}
