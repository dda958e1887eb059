//! Text to truth values, floats, dates, timestamps, bytes, UUIDs and JSON as PostgreSQL reads it: `tru`, `2024-1-5`, `Jan 5, 2024`, `2024-01-05 10:11`. What is no date at all is
//! 22007, what is one that the calendar does not have 22008.
//!
//! Source: PostgreSQL `bool.c` (`parse_bool_with_len`), `float.c` (`float8in_internal`), `datetime.c` (`DecodeDateTime`), with `DateStyle` ISO, MDY.

mod moment;

pub use moment::{date, timestamp, timestamptz};

use super::arithmetic::functions;
use super::{Function, raise};
use arrow::array::{
    ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Float32Array, Float64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use std::sync::{Arc, LazyLock};
use weft_core::{Error, ErrorKind};

functions! {
    TO_BOOLEAN "weft_boolean_in" 1 boolean_type |a, _| booleans(&a[0]);
    TO_DATE "weft_date_in" 1 date_type |a, _| dates(&a[0]);
    TO_REAL "weft_float4_in" 1 real_type |a, _| reals(&a[0]);
    TO_DOUBLE "weft_float8_in" 1 double_type |a, _| doubles(&a[0]);
    TO_TIMESTAMP "weft_timestamp_in" 1 timestamp_type |a, _| timestamps(&a[0]);
    TO_BYTEA "weft_bytea_in" 1 bytea_type |a, _| byteas(&a[0]);
    TO_UUID "weft_uuid_in" 1 text_type |a, _| texts(&a[0], uuid);
    TO_JSON "weft_json_in" 1 text_type |a, _| texts(&a[0], json);
}

fn boolean_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Boolean)
}

fn date_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Date32)
}

fn timestamp_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Timestamp(TimeUnit::Microsecond, None))
}

fn real_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Float32)
}

fn double_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Float64)
}

fn bytea_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Binary)
}

fn text_type(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Utf8)
}

/// The function that reads text as a type of PostgreSQL that Arrow carries as text; and the same for one text.
pub fn marked_reader(pg_type: &str) -> Option<(&'static Arc<ScalarUDF>, Spelling)> {
    match pg_type {
        "uuid" => Some((&TO_UUID, uuid)),
        "json" | "jsonb" => Some((&TO_JSON, json)),
        _ => None,
    }
}

/// How a text is spelled as a value of its type; 22P02 if it is none.
pub type Spelling = fn(&str) -> Result<String, Error>;

/// The function that reads text as this type, where PostgreSQL reads it otherwise than arrow.
pub fn reader(target: &DataType) -> Option<&'static Arc<ScalarUDF>> {
    match target {
        DataType::Boolean => Some(&TO_BOOLEAN),
        DataType::Float32 => Some(&TO_REAL),
        DataType::Float64 => Some(&TO_DOUBLE),
        DataType::Date32 => Some(&TO_DATE),
        DataType::Binary => Some(&TO_BYTEA),
        DataType::Timestamp(TimeUnit::Microsecond, None) => Some(&TO_TIMESTAMP),
        _ => None,
    }
}

fn booleans(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(boolean).transpose());
    Ok(Arc::new(values.collect::<Result<BooleanArray, Error>>().map_err(raise)?))
}

fn dates(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(date).transpose());
    Ok(Arc::new(values.collect::<Result<Date32Array, Error>>().map_err(raise)?))
}

fn reals(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(real).transpose());
    Ok(Arc::new(values.collect::<Result<Float32Array, Error>>().map_err(raise)?))
}

fn doubles(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(double).transpose());
    Ok(Arc::new(values.collect::<Result<Float64Array, Error>>().map_err(raise)?))
}

fn timestamps(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(timestamp).transpose());
    Ok(Arc::new(values.collect::<Result<TimestampMicrosecondArray, Error>>().map_err(raise)?))
}

fn byteas(array: &ArrayRef) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(bytea).transpose());
    let values = values.collect::<Result<Vec<_>, Error>>().map_err(raise)?;
    Ok(Arc::new(BinaryArray::from_iter(values)))
}

fn texts(array: &ArrayRef, spell: Spelling) -> Result<ArrayRef> {
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| text.map(spell).transpose());
    Ok(Arc::new(values.collect::<Result<StringArray, Error>>().map_err(raise)?))
}

/// A `bytea`.
pub fn bytea(text: &str) -> Result<Vec<u8>, Error> {
    weft_core::text::bytea::read(text).ok_or_else(|| malformed("bytea", text))
}

/// A `uuid`, in small letters with hyphens.
pub fn uuid(text: &str) -> Result<String, Error> {
    weft_core::text::uuid::read(text).ok_or_else(|| malformed("uuid", text))
}

/// A `json`, as it is.
pub fn json(text: &str) -> Result<String, Error> {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(malformed("json", text).with_detail(error.to_string())),
    }
}

fn malformed(name: &str, text: &str) -> Error {
    Error::new(ErrorKind::InvalidTextRepresentation, format!("invalid input syntax for type {name}: \"{text}\""))
}

/// A truth value: its words may be cut short as long as they are unique.
pub fn boolean(text: &str) -> Result<bool, Error> {
    let word = text.trim().to_ascii_lowercase();
    let begins = |whole: &str, least: usize| word.len() >= least && whole.starts_with(&word);
    if begins("true", 1) || begins("yes", 1) || word == "on" || word == "1" {
        return Ok(true);
    }
    if begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0" {
        return Ok(false);
    }
    let message = format!("invalid input syntax for type boolean: \"{text}\"");
    Err(Error::new(ErrorKind::InvalidTextRepresentation, message))
}

/// A `real`.
pub fn real(text: &str) -> Result<f32, Error> {
    const NAME: &str = "real";
    let value: f32 = word_of_number(text, NAME)?.parse().map_err(|_| no_number(text, NAME))?;
    let lost = value.is_infinite() || (value == 0.0 && has_value(text));
    if lost && text.contains(|c: char| c.is_ascii_digit()) { Err(beyond(text, NAME)) } else { Ok(value) }
}

/// A `double precision`.
pub fn double(text: &str) -> Result<f64, Error> {
    const NAME: &str = "double precision";
    let value: f64 = word_of_number(text, NAME)?.parse().map_err(|_| no_number(text, NAME))?;
    let lost = value.is_infinite() || (value == 0.0 && has_value(text));
    if lost && text.contains(|c: char| c.is_ascii_digit()) { Err(beyond(text, NAME)) } else { Ok(value) }
}

/// The text without the blanks around it, if it can be a number: Rust reads `nan` with a sign, PostgreSQL does not.
fn word_of_number<'t>(text: &'t str, name: &str) -> Result<&'t str, Error> {
    let word = text.trim();
    let bare = word.trim_start_matches(['+', '-']);
    if word.len() != bare.len() && bare.eq_ignore_ascii_case("nan") { Err(no_number(text, name)) } else { Ok(word) }
}

/// Whether a digit before the exponent is not zero.
fn has_value(text: &str) -> bool {
    text.chars().take_while(|c| !matches!(c, 'e' | 'E')).any(|c| matches!(c, '1'..='9'))
}

fn no_number(text: &str, name: &str) -> Error {
    Error::new(ErrorKind::InvalidTextRepresentation, format!("invalid input syntax for type {name}: \"{text}\""))
}

fn beyond(text: &str, name: &str) -> Error {
    Error::new(ErrorKind::NumericOutOfRange, format!("\"{text}\" is out of range for type {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_that_do_not_fit() {
        assert_eq!(double(" 1e308 ").expect("fits"), 1e308);
        assert!(double("-Infinity").expect("a word").is_infinite() && double("NaN").expect("a word").is_nan());
        for text in ["1e400", "-1e400", "1e-400"] {
            assert_eq!(double(text).expect_err(text).kind(), ErrorKind::NumericOutOfRange, "{text}");
        }
        assert_eq!(real("1e39").expect_err("too large").kind(), ErrorKind::NumericOutOfRange);
        assert_eq!(double("0e400").expect("zero"), 0.0);
        for text in ["", "x", "-nan", "1 2"] {
            assert_eq!(double(text).expect_err(text).kind(), ErrorKind::InvalidTextRepresentation, "{text}");
        }
    }

    #[test]
    fn words_of_truth() {
        for (text, value) in [("t", true), (" YES ", true), ("1", true), ("on", true), ("of", false), ("N", false)] {
            assert_eq!(boolean(text).expect(text), value);
        }
        assert!(boolean("o").is_err() && boolean("maybe").is_err() && boolean("").is_err());
    }
}
