//! Parameters in text format.

use super::{interval, malformed_text, moment, number};
use chrono_tz::Tz;
use std::str::FromStr;
use weft_core::pgtype::PgType;
use weft_core::text::{bytea, uuid};
use weft_core::{Error, ErrorKind, Result};
use weft_engine::ScalarValue;

/// The value that the text spells.
pub(super) fn scalar(text: &str, pg: &'static PgType, zone: Tz) -> Result<ScalarValue> {
    Ok(match pg.name {
        "bool" => ScalarValue::Boolean(Some(boolean(text).ok_or_else(|| malformed_text(pg.sql_name, text))?)),
        "int2" => ScalarValue::Int16(Some(integer(text, pg)?)),
        "int4" => ScalarValue::Int32(Some(integer(text, pg)?)),
        "int8" => ScalarValue::Int64(Some(integer(text, pg)?)),
        "oid" | "regproc" | "regclass" | "regtype" | "regnamespace" | "regrole" => {
            ScalarValue::Int64(Some(integer::<u32>(text, pg)?.into()))
        }
        "float4" => ScalarValue::Float32(Some(float(text, pg)?)),
        "float8" => ScalarValue::Float64(Some(float(text, pg)?)),
        "numeric" => number::from_text(text)?,
        "bytea" => ScalarValue::Binary(Some(bytea::read(text).ok_or_else(|| malformed_text(pg.sql_name, text))?)),
        "date" => ScalarValue::Date32(Some(moment::date(text)?)),
        "time" => ScalarValue::Time64Microsecond(Some(moment::time(text)?)),
        "timestamp" => ScalarValue::TimestampMicrosecond(Some(moment::timestamp(text)?), None),
        "timestamptz" => {
            ScalarValue::TimestampMicrosecond(Some(moment::timestamptz(text, zone)?), Some("+00:00".into()))
        }
        "interval" => ScalarValue::IntervalMonthDayNano(Some(interval::from_text(text)?)),
        "uuid" => {
            let spelled = uuid::read(text).ok_or_else(|| malformed_text(pg.sql_name, text))?;
            ScalarValue::Utf8(Some(spelled))
        }
        "json" | "jsonb" => {
            serde_json::from_str::<serde::de::IgnoredAny>(text)
                .map_err(|e| malformed_text(pg.sql_name, text).with_detail(e.to_string()))?;
            ScalarValue::Utf8(Some(text.to_owned()))
        }
        "void" => return Err(Error::unsupported("a parameter of type void")),
        _ => ScalarValue::Utf8(Some(text.to_owned())),
    })
}

/// PostgreSQL's spellings of truth, which may be cut short as long as they are unique.
fn boolean(text: &str) -> Option<bool> {
    let word = text.trim().to_ascii_lowercase();
    let is = |full: &str, shortest: usize| word.len() >= shortest && full.starts_with(&word);
    match () {
        () if is("true", 1) || is("yes", 1) || word == "on" || word == "1" => Some(true),
        () if is("false", 1) || is("no", 1) || is("off", 2) || word == "0" => Some(false),
        () => None,
    }
}

fn integer<T: FromStr>(text: &str, pg: &'static PgType) -> Result<T> {
    let digits = text.trim();
    digits.parse().map_err(|_| {
        let unsigned = digits.strip_prefix(['-', '+']).unwrap_or(digits);
        if !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit()) {
            Error::new(
                ErrorKind::NumericOutOfRange,
                format!("value \"{text}\" is out of range for type {}", pg.sql_name),
            )
        } else {
            malformed_text(pg.sql_name, text)
        }
    })
}

fn float<T: FromStr + Into<f64> + Copy>(text: &str, pg: &'static PgType) -> Result<T> {
    let word = text.trim();
    let number: T = word.parse().map_err(|_| malformed_text(pg.sql_name, text))?;
    // Rust reads what is too large as infinity.
    let spelled_out = word.trim_start_matches(['-', '+']).starts_with(['i', 'I']);
    if number.into().is_infinite() && !spelled_out {
        return Err(Error::new(
            ErrorKind::NumericOutOfRange,
            format!("\"{text}\" is out of range for type {}", pg.sql_name),
        ));
    }
    Ok(number)
}
