//! The values of one row, as the functions of this module see them.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int32Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit};
use datafusion::common::Result;
use std::sync::Arc;
use weft_core::pgtype::{ColumnType, PgType};
use weft_core::{Error, ErrorKind};

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// Any whole number, and times as microseconds.
    Int(i64),
    /// Text.
    Text(String),
}

impl Value {
    /// The value of a row.
    pub(super) fn at(array: &ArrayRef, row: usize) -> Result<Value> {
        if array.is_null(row) {
            return Ok(Value::Null);
        }
        Ok(match array.data_type() {
            DataType::Null => Value::Null,
            DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
            DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row).to_owned()),
            t if t.is_integer() => {
                Value::Int(cast(&array.slice(row, 1), &DataType::Int64)?.as_primitive::<Int64Type>().value(0))
            }
            _ => Value::Text(cast(&array.slice(row, 1), &DataType::Utf8)?.as_string::<i32>().value(0).to_owned()),
        })
    }

    /// Text, of optional text.
    pub(super) fn text(text: Option<impl Into<String>>) -> Value {
        text.map_or(Value::Null, |t| Value::Text(t.into()))
    }

    /// As a number, where it is one or reads as one.
    pub(super) fn int(&self) -> weft_core::Result<i64> {
        match self {
            Value::Int(n) => Ok(*n),
            Value::Bool(b) => Ok(i64::from(*b)),
            Value::Text(text) => text.trim().parse().map_err(|_| {
                Error::new(
                    ErrorKind::InvalidTextRepresentation,
                    format!("invalid input syntax for type oid: \"{text}\""),
                )
            }),
            Value::Null => Ok(0),
        }
    }

    /// As text.
    pub(super) fn as_text(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Bool(b) => b.to_string(),
            Value::Int(n) => n.to_string(),
            Value::Text(text) => text.clone(),
        }
    }
}

/// The Arrow type that carries results of this type.
pub(super) fn arrow_type(result: &'static PgType) -> DataType {
    ColumnType::Scalar(result).arrow_type().unwrap_or(DataType::Utf8)
}

/// The results as a column.
pub(super) fn array(result: &'static PgType, values: Vec<Value>) -> Result<ArrayRef> {
    let number = |v: &Value| match v {
        Value::Int(n) => Some(*n),
        _ => None,
    };
    Ok(match arrow_type(result) {
        DataType::Boolean => Arc::new(
            values.iter().map(|v| if let Value::Bool(b) = v { Some(*b) } else { None }).collect::<BooleanArray>(),
        ),
        DataType::Int64 => Arc::new(values.iter().map(number).collect::<Int64Array>()),
        DataType::Int32 => {
            Arc::new(values.iter().map(|v| number(v).and_then(|n| i32::try_from(n).ok())).collect::<Int32Array>())
        }
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) => {
            Arc::new(values.iter().map(number).collect::<TimestampMicrosecondArray>().with_timezone(zone))
        }
        _ => {
            let text = |v: &Value| if *v == Value::Null { None } else { Some(v.as_text()) };
            Arc::new(values.iter().map(text).collect::<StringArray>())
        }
    })
}
