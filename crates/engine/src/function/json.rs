//! `json_build_object(key, value, …)` and `json_build_array(value, …)`: JSON as PostgreSQL writes it, with spaces. Source: PostgreSQL's `json.c`.

use super::raise;
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use std::sync::Arc;
use weft_core::pgtype::{self, tagged};
use weft_core::{Error, ErrorKind};

/// The functions of this module.
pub fn all() -> Vec<Arc<ScalarUDF>> {
    [Shape::Object, Shape::Array].map(|shape| Arc::new(ScalarUDF::new_from_impl(Build::new(shape)))).into()
}

/// What is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shape {
    Object,
    Array,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Build {
    shape: Shape,
    signature: Signature,
}

impl Build {
    fn new(shape: Shape) -> Build {
        let any = TypeSignature::OneOf(vec![TypeSignature::Nullary, TypeSignature::VariadicAny]);
        Build { shape, signature: Signature::new(any, Volatility::Immutable) }
    }

    fn row(&self, values: &[Column], row: usize) -> Result<String> {
        match self.shape {
            Shape::Array => {
                let items: Vec<_> = values.iter().map(|value| value.json(row)).collect();
                Ok(format!("[{}]", items.join(", ")))
            }
            Shape::Object => {
                let pair = |pair: &[Column]| -> Result<String> {
                    let [key, value] = pair else { return internal_err!("a key without a value") };
                    Ok(format!("{} : {}", key.key(row)?, value.json(row)))
                };
                let pairs = values.chunks(2).map(pair).collect::<Result<Vec<_>>>()?;
                Ok(format!("{{{}}}", pairs.join(", ")))
            }
        }
    }
}

/// An argument: its text, and how that becomes JSON.
struct Column {
    text: StringArray,
    quoted: bool,
}

impl Column {
    fn of(array: &ArrayRef) -> Result<Column> {
        let quoted = !(array.data_type().is_numeric() || *array.data_type() == DataType::Boolean);
        Ok(Column { text: cast(array, &DataType::Utf8)?.as_string::<i32>().clone(), quoted })
    }

    fn json(&self, row: usize) -> String {
        if self.text.is_null(row) {
            return "null".to_owned();
        }
        match self.quoted {
            true => serde_json::Value::from(self.text.value(row)).to_string(),
            false => self.text.value(row).to_owned(),
        }
    }

    fn key(&self, row: usize) -> Result<String> {
        if self.text.is_null(row) {
            return Err(raise(Error::new(ErrorKind::InvalidParameterValue, "null value not allowed for object key")));
        }
        Ok(serde_json::Value::from(self.text.value(row)).to_string())
    }
}

impl ScalarUDFImpl for Build {
    fn name(&self) -> &str {
        match self.shape {
            Shape::Object => "json_build_object",
            Shape::Array => "json_build_array",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        if self.shape == Shape::Object && args.arg_fields.len() % 2 == 1 {
            return Err(raise(
                Error::new(ErrorKind::InvalidParameterValue, "argument list must have even number of elements")
                    .with_hint("The arguments of json_build_object() must consist of alternating keys and values."),
            ));
        }
        Ok(Arc::new(tagged(Field::new(self.name(), DataType::Utf8, true), &pgtype::JSON)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let columns = args.args.iter().map(|arg| Column::of(&arg.to_array(rows)?)).collect::<Result<Vec<_>>>()?;
        let built = (0..rows).map(|row| self.row(&columns, row).map(Some)).collect::<Result<StringArray>>()?;
        Ok(ColumnarValue::Array(Arc::new(built)))
    }
}
