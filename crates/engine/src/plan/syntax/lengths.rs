//! Types with a length or a precision: `varchar(3)`, `char(3)`, `timestamp(3)`, `time(0)`. A cast to one cuts or rounds. And `numeric` without any, which
//! keeps the decimals that a value has; and the times in intervals.

use super::super::normalise::call;
use super::cast as cast_to;
use sqlparser::ast::{CharacterLength, DataType, ExactNumberInfo, Expr, Value};

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
        DataType::Numeric(ExactNumberInfo::None)
        | DataType::Decimal(ExactNumberInfo::None)
        | DataType::Dec(ExactNumberInfo::None)
            if !is_bare(inner) =>
        {
            Some(call("weft_numeric", vec![inner.clone()]))
        }
        DataType::Interval { .. } => {
            let Expr::Value(value) = inner else { return None };
            let Value::SingleQuotedString(text) = &value.value else { return None };
            let spelled = interval(text)?;
            Some(cast_to(Expr::value(Value::SingleQuotedString(spelled)), data_type.clone()))
        }
        _ => None,
    }
}

/// `1 day 02:03:04` as `1 day 2 hours 3 minutes 4 seconds`, which DataFusion reads; nothing if there is no such time in it.
pub(super) fn interval(text: &str) -> Option<String> {
    let mut changed = false;
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| {
            let spelled = clock(word);
            changed |= spelled.is_some();
            spelled.unwrap_or_else(|| word.to_owned())
        })
        .collect();
    changed.then(|| words.join(" "))
}

fn clock(word: &str) -> Option<String> {
    let (sign, rest) = match word.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", word.strip_prefix('+').unwrap_or(word)),
    };
    let units: Vec<&str> = rest.split(':').collect();
    let digits = |unit: &&str| !unit.is_empty() && unit.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !units.iter().all(digits) {
        return None;
    }
    match units.as_slice() {
        [hours, minutes] => Some(format!("{sign}{hours} hours {sign}{minutes} minutes")),
        [hours, minutes, seconds] => {
            Some(format!("{sign}{hours} hours {sign}{minutes} minutes {sign}{seconds} seconds"))
        }
        _ => None,
    }
}

/// Whether it has no type of its own: NULL and parameters take that of the cast.
fn is_bare(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_bare(inner),
        Expr::Value(value) => matches!(value.value, Value::Null | Value::Placeholder(_)),
        _ => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_intervals_are_spelled_out() {
        assert_eq!(interval("1 day 02:03:04.5").as_deref(), Some("1 day 02 hours 03 minutes 04.5 seconds"));
        assert_eq!(interval("-02:30").as_deref(), Some("-02 hours -30 minutes"));
        assert_eq!(interval("1 day"), None);
    }
}
