//! Types with a length or a precision: `varchar(3)`, `char(3)`, `timestamp(3)`, `time(0)`. A cast to one cuts or rounds.

use super::super::normalise::call;
use super::cast as cast_to;
use sqlparser::ast::{CharacterLength, DataType, Expr, Value};

/// The cast in terms of one to the type without its length; nothing if it has none.
pub(super) fn cast(inner: &Expr, data_type: &DataType) -> Option<Expr> {
    match data_type {
        DataType::Varchar(Some(length)) | DataType::CharacterVarying(Some(length)) => {
            let length = number(length)?;
            Some(call("left", vec![cast_to(inner.clone(), DataType::Text), literal(length)]))
        }
        DataType::Char(length) | DataType::Character(length) => {
            let length = length.as_ref().map_or(Some(1), number)?;
            Some(call("weft_bpchar", vec![cast_to(inner.clone(), DataType::Text), literal(length)]))
        }
        DataType::Timestamp(Some(digits), zone) => {
            let whole = cast_to(inner.clone(), DataType::Timestamp(None, *zone));
            Some(call("weft_round_moment", vec![whole, literal(*digits)]))
        }
        DataType::Time(Some(digits), zone) => {
            let whole = cast_to(inner.clone(), DataType::Time(None, *zone));
            Some(call("weft_round_moment", vec![whole, literal(*digits)]))
        }
        _ => None,
    }
}

fn number(length: &CharacterLength) -> Option<u64> {
    match length {
        CharacterLength::IntegerLength { length, .. } => Some(*length),
        CharacterLength::Max => None,
    }
}

fn literal(number: u64) -> Expr {
    Expr::value(Value::Number(number.to_string(), false))
}
