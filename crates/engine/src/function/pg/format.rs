//! `format(pattern, …)`.
//!
//! Source: PostgreSQL's documentation of string functions, 9.4.1.

use super::quote::quoted;
use super::value::Value;
use crate::function::raise;
use arrow::array::StringArray;
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;
use weft_core::name::quote_identifier;
use weft_core::{Error, ErrorKind};

/// The function.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![Arc::new(ScalarUDF::new_from_impl(Format { signature: Signature::variadic_any(Volatility::Immutable) }))]
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Format {
    signature: Signature,
}

impl ScalarUDFImpl for Format {
    fn name(&self) -> &str {
        "format"
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = args.args.iter().map(|a| a.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let mut texts = Vec::with_capacity(args.number_rows);
        for row in 0..args.number_rows {
            let values = columns.iter().map(|c| Value::at(c, row)).collect::<Result<Vec<_>>>()?;
            texts.push(match values.split_first() {
                Some((Value::Null, _)) | None => None,
                Some((pattern, values)) => Some(format(&pattern.as_text(), values).map_err(raise)?),
            });
        }
        Ok(ColumnarValue::Array(Arc::new(StringArray::from(texts))))
    }
}

fn format(pattern: &str, values: &[Value]) -> weft_core::Result<String> {
    let wrong = |message: &str| Error::new(ErrorKind::InvalidParameterValue, message.to_owned());
    let mut out = String::new();
    let mut next = 0;
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut digits = String::new();
        let mut left = false;
        loop {
            match rest.peek() {
                Some('-') => left = true,
                Some(d) if d.is_ascii_digit() => digits.push(*d),
                Some('$') => {
                    let number = digits.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                    next = number
                        .ok_or_else(|| wrong("format specifies argument 0, but arguments are numbered from 1"))?;
                    digits.clear();
                }
                _ => break,
            }
            rest.next();
        }
        let kind = rest.next().ok_or_else(|| wrong("unterminated format() type specifier"))?;
        if kind == '%' {
            out.push('%');
            continue;
        }
        let value = values.get(next).ok_or_else(|| wrong("too few arguments for format()"))?;
        next += 1;
        let text = match (kind, value) {
            ('s', value) => value.as_text(),
            ('I', Value::Null) => return Err(wrong("null values cannot be formatted as an SQL identifier")),
            ('I', value) => quote_identifier(&value.as_text()),
            ('L', Value::Null) => "NULL".to_owned(),
            ('L', value) => quoted(&value.as_text()),
            (other, _) => return Err(wrong(&format!("unrecognized format() type specifier \"{other}\""))),
        };
        let width = digits.parse().unwrap_or(0);
        out.push_str(&if left { format!("{text:<width$}") } else { format!("{text:>width$}") });
    }
    Ok(out)
}
