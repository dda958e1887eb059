//! Arrays of anything: dimensions, lower bounds, nulls, and PostgreSQL's quoting of elements.

use super::{Bytes, scalar};
use crate::{Error, Result};
use tokio_postgres::types::Type;

/// Reads an array of `element` and prints it as `{…}`.
pub(super) fn array(element: &Type, bytes: &mut Bytes<'_>) -> Result<String> {
    let Header { bounds, .. } = header(bytes)?;
    if bounds.is_empty() {
        return Ok("{}".to_owned());
    }
    let mut text = String::new();
    if bounds.iter().any(|(lower, _)| *lower != 1) {
        for (lower, length) in &bounds {
            text.push_str(&format!("[{lower}:{}]", lower + length - 1));
        }
        text.push('=');
    }
    let lengths: Vec<i32> = bounds.iter().map(|(_, length)| *length).collect();
    level(&lengths, element, bytes, &mut text)?;
    Ok(text)
}

/// Reads an `int2vector` or `oidvector`, which is sent as an array but printed with spaces.
pub(super) fn vector(bytes: &mut Bytes<'_>) -> Result<String> {
    let Header { bounds, element } = header(bytes)?;
    let count = bounds.first().map_or(0, |(_, length)| *length);
    let values = (0..count).map(|_| value(&element, bytes)?.ok_or_else(|| Error::new("a null in a vector")));
    Ok(values.collect::<Result<Vec<_>>>()?.join(" "))
}

struct Header {
    /// Lower bound and length of each dimension.
    bounds: Vec<(i32, i32)>,
    element: Type,
}

fn header(bytes: &mut Bytes<'_>) -> Result<Header> {
    let dimensions = bytes.int32()?;
    let _has_nulls = bytes.int32()?;
    let oid = bytes.int32()? as u32;
    let mut bounds = Vec::new();
    for _ in 0..dimensions {
        let (length, lower) = (bytes.int32()?, bytes.int32()?);
        bounds.push((lower, length));
    }
    // An element type that the client does not know by number cannot be in a vector, and arrays know theirs.
    Ok(Header { bounds, element: Type::from_oid(oid).unwrap_or(Type::UNKNOWN) })
}

fn level(lengths: &[i32], element: &Type, bytes: &mut Bytes<'_>, text: &mut String) -> Result<()> {
    let Some((length, inner)) = lengths.split_first() else { return Ok(()) };
    text.push('{');
    for position in 0..*length {
        if position > 0 {
            text.push(',');
        }
        if !inner.is_empty() {
            level(inner, element, bytes, text)?;
            continue;
        }
        match value(element, bytes)? {
            Some(value) => text.push_str(&quoted(&value)),
            None => text.push_str("NULL"),
        }
    }
    text.push('}');
    Ok(())
}

pub(super) fn value(element: &Type, bytes: &mut Bytes<'_>) -> Result<Option<String>> {
    let Ok(length) = usize::try_from(bytes.int32()?) else { return Ok(None) };
    let mut own = Bytes(bytes.slice(length)?);
    let text = scalar(element, &mut own).ok_or_else(|| Error::new(format!("elements of type {element}")))??;
    if own.0.is_empty() { Ok(Some(text)) } else { Err(Error::new("bytes left over in an element")) }
}

pub(super) fn quoted(value: &str) -> String {
    let special = |c: char| matches!(c, '"' | '\\' | '{' | '}' | ',' | ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c');
    if !value.is_empty() && !value.eq_ignore_ascii_case("null") && !value.contains(special) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::super::text;
    use tokio_postgres::types::Type;

    /// The bytes of an array: element type, (lower bound, length) of each dimension, elements.
    fn raw(element: &Type, bounds: &[(i32, i32)], values: &[Option<&[u8]>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut int = |n: i32| bytes.extend(n.to_be_bytes());
        int(bounds.len() as i32);
        int(1);
        int(element.oid() as i32);
        for (lower, length) in bounds {
            int(*length);
            int(*lower);
        }
        for value in values {
            bytes.extend(value.map_or(-1, |v| v.len() as i32).to_be_bytes());
            bytes.extend(value.unwrap_or_default());
        }
        bytes
    }

    #[test]
    fn quoting_and_nulls() {
        let values: &[Option<&[u8]>] =
            &[Some(b"a"), None, Some(b""), Some(b"NULL"), Some(b"b c"), Some(b"q\"\\"), Some(b"{}"), Some(b"x,y")];
        let bytes = raw(&Type::TEXT, &[(1, 8)], values);
        assert_eq!(text(&Type::TEXT_ARRAY, &bytes).unwrap(), r#"{a,NULL,"","NULL","b c","q\"\\","{}","x,y"}"#);
    }

    #[test]
    fn dimensions_and_bounds() {
        let two = 2i32.to_be_bytes();
        let int: Option<&[u8]> = Some(&two);
        assert_eq!(text(&Type::INT4_ARRAY, &raw(&Type::INT4, &[], &[])).unwrap(), "{}");
        assert_eq!(text(&Type::INT4_ARRAY, &raw(&Type::INT4, &[(1, 2), (1, 2)], &[int; 4])).unwrap(), "{{2,2},{2,2}}");
        assert_eq!(text(&Type::INT4_ARRAY, &raw(&Type::INT4, &[(0, 2)], &[int; 2])).unwrap(), "[0:1]={2,2}");
    }

    #[test]
    fn vectors_are_printed_with_spaces() {
        let (one, two) = (1i16.to_be_bytes(), 2i16.to_be_bytes());
        let bytes = raw(&Type::INT2, &[(0, 2)], &[Some(&one), Some(&two)]);
        assert_eq!(text(&Type::INT2_VECTOR, &bytes).unwrap(), "1 2");
    }
}
