//! Marks of the planner in the form of functions: `weft_typed(x, 'type')` is `x`, and keeps two casts apart by its name; `weft_occurrence()` stands for
//! the number of a row among its equals. Neither runs: `plan` takes them out again.

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use std::sync::Arc;

/// `weft_typed`
pub const NAME: &str = "weft_typed";

/// `weft_occurrence`
pub const OCCURRENCE: &str = "weft_occurrence";

/// Both.
pub fn all() -> Vec<Arc<ScalarUDF>> {
    let mark = |name, signature| Arc::new(ScalarUDF::new_from_impl(Mark { name, signature }));
    vec![
        mark(NAME, Signature::any(2, Volatility::Immutable)),
        mark(OCCURRENCE, Signature::nullary(Volatility::Volatile)),
    ]
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Mark {
    name: &'static str,
    signature: Signature,
}

impl ScalarUDFImpl for Mark {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.first().cloned().unwrap_or(DataType::Int64))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let field = args.arg_fields.first().map(|field| field.as_ref().clone());
        Ok(Arc::new(field.unwrap_or_else(|| Field::new(self.name, DataType::Int64, false))))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("{} was left in a plan", self.name)
    }
}
