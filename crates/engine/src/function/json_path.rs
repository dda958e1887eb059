//! What a JSON text has at a place: the operators `->`, `->>`, `#>` and `#>>`. Parts are given as they stand in the text, as PostgreSQL's `json` has it. Source: PostgreSQL's manual,
//! chapter 9.16, and `jsonfuncs.c`.

use super::arithmetic::functions;
use super::{Function, raise};
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use serde::de::IgnoredAny;
use serde_json::{Deserializer, StreamDeserializer};
use std::sync::{Arc, LazyLock};
use weft_core::{Error, ErrorKind};

functions! {
    PART "weft_json_part" 2 text_type |a, _| parts(a, whole);
    PART_TEXT "weft_json_part_text" 2 text_type |a, _| parts(a, unquoted);
    DEEP "weft_json_deep" 2 text_type |a, _| deep(a, whole);
    DEEP_TEXT "weft_json_deep_text" 2 text_type |a, _| deep(a, unquoted);
}

fn text_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Utf8)
}

/// Whether the function of this name gives JSON, not text.
pub fn gives_json(name: &str) -> bool {
    [PART.name(), DEEP.name()].contains(&name)
}

/// What becomes of a part.
type Told = fn(&str) -> Option<String>;

fn whole(part: &str) -> Option<String> {
    Some(part.to_owned())
}

/// A text without its quotes; null is NULL.
fn unquoted(part: &str) -> Option<String> {
    match part.as_bytes().first() {
        Some(b'"') => serde_json::from_str(part).ok(),
        Some(b'n') => None,
        _ => whole(part),
    }
}

/// By one key, or one index.
fn parts(arguments: &[ArrayRef], told: Told) -> Result<ArrayRef> {
    let documents = cast(&arguments[0], &DataType::Utf8)?;
    let documents = documents.as_string::<i32>();
    let found: StringArray = if arguments[1].data_type().is_integer() {
        let indexes = cast(&arguments[1], &DataType::Int64)?;
        let indexes = indexes.as_primitive::<Int64Type>();
        let found = documents.iter().zip(indexes.iter()).map(|(document, index)| match (document, index) {
            (Some(document), Some(index)) => Ok(element(document, index)?.and_then(told)),
            _ => Ok(None),
        });
        found.collect::<Result<_, Error>>().map_err(raise)?
    } else {
        let keys = cast(&arguments[1], &DataType::Utf8)?;
        let found = documents.iter().zip(keys.as_string::<i32>()).map(|(document, key)| match (document, key) {
            (Some(document), Some(key)) => Ok(member(document, key)?.and_then(told)),
            _ => Ok(None),
        });
        found.collect::<Result<_, Error>>().map_err(raise)?
    };
    Ok(Arc::new(found))
}

/// By a path of keys and indexes.
fn deep(arguments: &[ArrayRef], told: Told) -> Result<ArrayRef> {
    let documents = cast(&arguments[0], &DataType::Utf8)?;
    let paths = arguments[1].as_list::<i32>();
    let found = documents.as_string::<i32>().iter().enumerate().map(|(row, document)| {
        let Some(mut place) = document.filter(|_| paths.is_valid(row)) else { return Ok(None) };
        let steps = cast(&paths.value(row), &DataType::Utf8)?;
        for step in steps.as_string::<i32>() {
            let Some(step) = step else { return Ok(None) };
            let next = match place.trim_start().as_bytes().first() {
                Some(b'[') => {
                    step.parse().ok().map(|index| element(place, index)).transpose().map_err(raise)?.flatten()
                }
                _ => member(place, step).map_err(raise)?,
            };
            match next {
                Some(next) => place = next,
                None => return Ok(None),
            }
        }
        Ok(told(place.trim()))
    });
    Ok(Arc::new(found.collect::<Result<StringArray>>()?))
}

/// The value of the last member of an object that has this key; nothing if it is no object.
fn member<'t>(document: &'t str, key: &str) -> Result<Option<&'t str>, Error> {
    let mut rest = document.trim_start();
    let mut found = None;
    let Some(inside) = rest.strip_prefix('{') else { return Ok(None) };
    rest = inside.trim_start();
    while !rest.starts_with('}') {
        let (name, after) = first(rest)?;
        let (value, after) = first(expect(after, ':')?)?;
        let name: String = serde_json::from_str(name).map_err(|e| malformed(document, &e))?;
        if name == key {
            found = Some(value);
        }
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Ok(found)
}

/// The element of an array at this place, from 0, or from the end if it is negative; nothing if it is no array.
fn element(document: &str, index: i64) -> Result<Option<&str>, Error> {
    let mut elements = Vec::new();
    let Some(inside) = document.trim_start().strip_prefix('[') else { return Ok(None) };
    let mut rest = inside.trim_start();
    while !rest.starts_with(']') {
        let (value, after) = first(rest)?;
        elements.push(value);
        if usize::try_from(index).is_ok_and(|index| index < elements.len()) {
            break;
        }
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    let index = if index < 0 { index.saturating_add(elements.len() as i64) } else { index };
    Ok(usize::try_from(index).ok().and_then(|index| elements.get(index).copied()))
}

/// The value at the beginning of a text, and what comes after it.
fn first(text: &str) -> Result<(&str, &str), Error> {
    let mut values: StreamDeserializer<'_, _, IgnoredAny> = Deserializer::from_str(text).into_iter();
    match values.next() {
        Some(Ok(_)) => {
            let (value, rest) = text.split_at(values.byte_offset());
            Ok((value.trim(), rest))
        }
        Some(Err(error)) => Err(malformed(text, &error)),
        None => Err(Error::new(ErrorKind::InvalidTextRepresentation, "invalid input syntax for type json")),
    }
}

fn expect(text: &str, sign: char) -> Result<&str, Error> {
    let rest = text.trim_start().strip_prefix(sign);
    rest.ok_or_else(|| Error::new(ErrorKind::InvalidTextRepresentation, "invalid input syntax for type json"))
}

fn malformed(text: &str, error: &serde_json::Error) -> Error {
    let message = format!("invalid input syntax for type json: \"{text}\"");
    Error::new(ErrorKind::InvalidTextRepresentation, message).with_detail(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements() {
        let document = r#" {"a": 1, "b" : {"c":[1, "x" ,null]}, "a":"é\n", "d\"":true} "#;
        let key = |key| member(document, key).expect("json");
        assert_eq!(
            (key("a"), key("b"), key("d\""), key("z")),
            (Some(r#""é\n""#), Some(r#"{"c":[1, "x" ,null]}"#), Some("true"), None)
        );
        let at = |index| element("[1, [2,3] , \"x\"]", index).expect("json");
        assert_eq!((at(0), at(1), at(-1), at(3), at(-4)), (Some("1"), Some("[2,3]"), Some("\"x\""), None, None));
        assert_eq!(
            (member("[1]", "a").expect("json"), element("{}", 0).expect("json"), element("[]", 0).expect("json")),
            (None, None, None)
        );
        assert!(member("{\"a\" 1}", "a").is_err() && element("[1, ", 1).is_err());
    }

    #[test]
    fn texts_lose_their_quotes() {
        assert_eq!(
            (unquoted(r#""é\n""#).as_deref(), unquoted("null"), unquoted("1.50").as_deref()),
            (Some("é\n"), None, Some("1.50"))
        );
    }
}
