//! Literals that say their type: DuckDB's own idea of `5` depends on what stands beside it.

use arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::{Result, ScalarValue, internal_err};
use weft_core::name::quote_literal;

/// The type as DuckDB spells it.
pub(super) fn type_name(data_type: &DataType) -> Result<String> {
    Ok(match data_type {
        DataType::Boolean => "BOOLEAN".to_owned(),
        DataType::Int16 => "SMALLINT".to_owned(),
        DataType::Int32 => "INTEGER".to_owned(),
        DataType::Int64 => "BIGINT".to_owned(),
        DataType::Float32 => "REAL".to_owned(),
        DataType::Float64 => "DOUBLE".to_owned(),
        DataType::Decimal128(precision, scale) => format!("DECIMAL({precision}, {scale})"),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "VARCHAR".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "BLOB".to_owned(),
        DataType::Date32 => "DATE".to_owned(),
        DataType::Time64(_) => "TIME".to_owned(),
        DataType::Timestamp(_, None) => "TIMESTAMP".to_owned(),
        DataType::Timestamp(_, Some(_)) => "TIMESTAMPTZ".to_owned(),
        DataType::Interval(IntervalUnit::MonthDayNano) => "INTERVAL".to_owned(),
        other => return internal_err!("DuckDB has no type for {other}"),
    })
}

/// The value as an expression of exactly its type.
pub(super) fn literal(value: &ScalarValue) -> Result<String> {
    if value.is_null() {
        return match value.data_type() {
            DataType::Null => Ok("NULL".to_owned()),
            t => Ok(format!("CAST(NULL AS {})", type_name(&t)?)),
        };
    }
    Ok(match value {
        ScalarValue::Boolean(Some(b)) => if *b { "TRUE" } else { "FALSE" }.to_owned(),
        // A bare number that fits is an INTEGER; a sign would bind to what follows.
        ScalarValue::Int32(Some(v)) if *v >= 0 => v.to_string(),
        ScalarValue::Int32(Some(v)) => format!("CAST({v} AS INTEGER)"),
        ScalarValue::Int16(Some(v)) => format!("CAST({v} AS SMALLINT)"),
        ScalarValue::Int64(Some(v)) => format!("CAST({v} AS BIGINT)"),
        ScalarValue::Float64(Some(v)) => format!("CAST('{v:e}' AS DOUBLE)"),
        ScalarValue::Float32(Some(v)) => format!("CAST('{v:e}' AS REAL)"),
        ScalarValue::Decimal128(Some(_), _, _) => {
            format!("CAST('{}' AS {})", value_text(value)?, type_name(&value.data_type())?)
        }
        ScalarValue::Utf8(Some(s)) | ScalarValue::LargeUtf8(Some(s)) | ScalarValue::Utf8View(Some(s)) => {
            quote_literal(s)
        }
        ScalarValue::Date32(Some(_)) => format!("DATE '{}'", value_text(value)?),
        ScalarValue::TimestampMicrosecond(Some(_), None) => {
            format!("TIMESTAMP '{}'", value_text(value)?.replace('T', " "))
        }
        ScalarValue::IntervalMonthDayNano(Some(i)) => {
            format!("INTERVAL '{} months {} days {} microseconds'", i.months, i.days, i.nanoseconds / 1000)
        }
        other => return internal_err!("DuckDB has no literal for {other:?}"),
    })
}

/// The value as arrow prints it, years after 9999 without the sign that no database reads.
pub(in crate::plan::dialect) fn value_text(value: &ScalarValue) -> Result<String> {
    let array = value.to_array()?;
    let formatted = arrow::util::display::array_value_to_string(&array, 0)?;
    Ok(formatted.strip_prefix('+').map_or(formatted.clone(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_said() {
        assert_eq!(literal(&ScalarValue::Int32(Some(5))).expect("int"), "5");
        assert_eq!(literal(&ScalarValue::Int64(Some(-5))).expect("bigint"), "CAST(-5 AS BIGINT)");
        assert_eq!(
            literal(&ScalarValue::Decimal128(Some(-150), 5, 2)).expect("numeric"),
            "CAST('-1.50' AS DECIMAL(5, 2))"
        );
        assert_eq!(literal(&ScalarValue::Date32(Some(0))).expect("date"), "DATE '1970-01-01'");
        assert_eq!(literal(&ScalarValue::Date32(Some(2_932_897))).expect("date"), "DATE '10000-01-01'");
        assert_eq!(literal(&ScalarValue::Utf8(Some("O'N".into()))).expect("text"), "'O''N'");
        assert_eq!(literal(&ScalarValue::Utf8(None)).expect("null"), "CAST(NULL AS VARCHAR)");
    }
}
