//! `pg_typeof(any)`: the name of an argument's type.

use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;
use weft_core::pgtype::ColumnType;

/// The function.
pub fn pg_typeof() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(PgTypeof { signature: Signature::any(1, Volatility::Stable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct PgTypeof {
    signature: Signature,
}

impl ScalarUDFImpl for PgTypeof {
    fn name(&self) -> &str {
        "pg_typeof"
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let name = ColumnType::of_field(&args.arg_fields[0]).sql_name();
        Ok(ColumnarValue::Scalar(ScalarValue::Utf8(Some(name))))
    }
}
