//! Literals of PostgreSQL that say their type.

use crate::plan::dialect::duckdb::value_text;
use arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::{Result, ScalarValue, internal_err};
use weft_core::name::quote_literal;

/// The type as PostgreSQL spells it.
pub(super) fn type_name(data_type: &DataType) -> Result<String> {
    Ok(match data_type {
        DataType::Boolean => "boolean".to_owned(),
        DataType::Int16 => "smallint".to_owned(),
        DataType::Int32 => "integer".to_owned(),
        DataType::Int64 => "bigint".to_owned(),
        DataType::Float32 => "real".to_owned(),
        DataType::Float64 => "double precision".to_owned(),
        DataType::Decimal128(precision, scale) => format!("numeric({precision},{scale})"),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "bytea".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Time64(_) => "time".to_owned(),
        DataType::Timestamp(_, None) => "timestamp".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamptz".to_owned(),
        DataType::Interval(IntervalUnit::MonthDayNano) => "interval".to_owned(),
        other => return internal_err!("PostgreSQL has no type for {other}"),
    })
}

/// The value as an expression of exactly its type.
pub(super) fn literal(value: &ScalarValue) -> Result<String> {
    if value.is_null() {
        return match value.data_type() {
            DataType::Null => Ok("NULL".to_owned()),
            t => Ok(format!("NULL::{}", type_name(&t)?)),
        };
    }
    let text = match value {
        ScalarValue::Boolean(Some(b)) => return Ok(if *b { "TRUE" } else { "FALSE" }.to_owned()),
        // A bare number that fits is an integer; a sign would bind to what follows.
        ScalarValue::Int32(Some(v)) if *v >= 0 => return Ok(v.to_string()),
        ScalarValue::Int16(Some(v)) => v.to_string(),
        ScalarValue::Int32(Some(v)) => v.to_string(),
        ScalarValue::Int64(Some(v)) => v.to_string(),
        ScalarValue::Float64(Some(v)) => format!("{v:e}"),
        ScalarValue::Float32(Some(v)) => format!("{v:e}"),
        ScalarValue::Utf8(Some(s)) | ScalarValue::LargeUtf8(Some(s)) | ScalarValue::Utf8View(Some(s)) => {
            return Ok(format!("{}::text", quote_literal(s)));
        }
        ScalarValue::Decimal128(..) | ScalarValue::Date32(_) | ScalarValue::Time64Microsecond(_) => value_text(value)?,
        ScalarValue::TimestampMicrosecond(Some(micros), zone) => {
            let plain = value_text(&ScalarValue::TimestampMicrosecond(Some(*micros), None))?.replace('T', " ");
            if zone.is_some() { format!("{plain}+00") } else { plain }
        }
        ScalarValue::IntervalMonthDayNano(Some(i)) => {
            format!("{} months {} days {} microseconds", i.months, i.days, i.nanoseconds / 1000)
        }
        other => return internal_err!("PostgreSQL has no literal for {other:?}"),
    };
    Ok(format!("'{text}'::{}", type_name(&value.data_type())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_said() {
        let said = |value: ScalarValue| literal(&value).expect("a literal");
        assert_eq!(said(ScalarValue::Int32(Some(5))), "5");
        assert_eq!(said(ScalarValue::Int32(Some(-5))), "'-5'::integer");
        assert_eq!(said(ScalarValue::Int64(Some(5))), "'5'::bigint");
        assert_eq!(said(ScalarValue::Decimal128(Some(-150), 5, 2)), "'-1.50'::numeric(5,2)");
        assert_eq!(said(ScalarValue::Utf8(Some("O'N\\".into()))), "'O''N\\'::text");
        assert_eq!(said(ScalarValue::Date32(Some(0))), "'1970-01-01'::date");
        assert_eq!(said(ScalarValue::Float64(Some(1e300))), "'1e300'::double precision");
        assert_eq!(
            said(ScalarValue::TimestampMicrosecond(Some(1), Some("+00:00".into()))),
            "'1970-01-01 00:00:00.000001+00'::timestamptz"
        );
        assert_eq!(said(ScalarValue::Utf8(None)), "NULL::text");
    }
}
