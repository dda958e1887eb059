//! Literals and casts of MySQL. It has few types in casts; where a cast would say less than the value's own type does, there is none.

use crate::plan::dialect::duckdb::value_text;
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, internal_err};
use weft_core::name::quote_literal;

/// The name in CAST; none where the value can stay as it is.
pub(super) fn cast_type(data_type: &DataType) -> Result<Option<String>> {
    Ok(Some(match data_type {
        DataType::Null | DataType::Boolean | DataType::Int16 | DataType::Int32 | DataType::Int64 => return Ok(None),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "CHAR".to_owned(),
        DataType::Float64 => "DOUBLE".to_owned(),
        DataType::Decimal128(precision, scale) => format!("DECIMAL({precision}, {scale})"),
        DataType::Date32 => "DATE".to_owned(),
        DataType::Time64(_) => "TIME(6)".to_owned(),
        DataType::Timestamp(..) => "DATETIME(6)".to_owned(),
        other => return internal_err!("MySQL has no type for {other}"),
    }))
}

/// The value as an expression.
pub(super) fn literal(value: &ScalarValue) -> Result<String> {
    if value.is_null() {
        return Ok("NULL".to_owned());
    }
    Ok(match value {
        ScalarValue::Boolean(Some(b)) => if *b { "TRUE" } else { "FALSE" }.to_owned(),
        ScalarValue::Int16(Some(v)) => signed(i64::from(*v)),
        ScalarValue::Int32(Some(v)) => signed(i64::from(*v)),
        ScalarValue::Int64(Some(v)) => signed(*v),
        ScalarValue::Float64(Some(v)) => format!("({v:e})"),
        // Digits with a point are a DECIMAL, as many as there are.
        ScalarValue::Decimal128(Some(_), _, _) => {
            let text = value_text(value)?;
            if text.starts_with('-') { format!("({text})") } else { text }
        }
        ScalarValue::Utf8(Some(s)) | ScalarValue::LargeUtf8(Some(s)) | ScalarValue::Utf8View(Some(s)) => {
            quote_literal(s)
        }
        ScalarValue::Date32(Some(_)) => format!("DATE '{}'", value_text(value)?),
        ScalarValue::Time64Microsecond(Some(_)) => format!("TIME '{}'", value_text(value)?),
        ScalarValue::TimestampMicrosecond(Some(micros), _) => {
            let plain = value_text(&ScalarValue::TimestampMicrosecond(Some(*micros), None))?;
            format!("TIMESTAMP '{}'", plain.replace('T', " "))
        }
        other => return internal_err!("MySQL has no literal for {other:?}"),
    })
}

fn signed(v: i64) -> String {
    if v < 0 { format!("({v})") } else { v.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said() {
        let said = |value: ScalarValue| literal(&value).expect("a literal");
        assert_eq!(said(ScalarValue::Int64(Some(-5))), "(-5)");
        assert_eq!(said(ScalarValue::Decimal128(Some(-150), 5, 2)), "(-1.50)");
        assert_eq!(said(ScalarValue::Utf8(Some("O'N\\".into()))), "'O''N\\'");
        assert_eq!(said(ScalarValue::Date32(Some(0))), "DATE '1970-01-01'");
        assert_eq!(said(ScalarValue::TimestampMicrosecond(Some(1), None)), "TIMESTAMP '1970-01-01 00:00:00.000001'");
        assert_eq!(said(ScalarValue::Int32(None)), "NULL");
    }
}
