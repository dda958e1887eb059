//! Marks of the planner in the form of functions: `weft_typed(x, 'type')` is `x`, and keeps two casts apart by its name; `weft_occurrence()` stands for
//! the number of a row among its equals. None of them runs: `plan` takes them out again.

use super::numeric::PRECISION;
use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use std::sync::Arc;

/// `weft_typed`
pub const NAME: &str = "weft_typed";

/// `weft_occurrence`
pub const OCCURRENCE: &str = "weft_occurrence";

/// `weft_moment(x)`: a date as the timestamp of its midnight, anything else as it is.
pub const MOMENT: &str = "weft_moment";

/// `weft_numeric(x)`: a cast to `numeric` without a precision, which keeps the decimals that there are.
pub const NUMERIC: &str = "weft_numeric";

/// The decimals of what has no scale of its own.
const SCALE: i8 = 10;

/// All of them.
pub fn all() -> Vec<Arc<ScalarUDF>> {
    let mark = |name, signature| Arc::new(ScalarUDF::new_from_impl(Mark { name, signature }));
    vec![
        mark(NAME, Signature::any(2, Volatility::Immutable)),
        mark(NUMERIC, Signature::any(1, Volatility::Immutable)),
        mark(MOMENT, Signature::any(1, Volatility::Immutable)),
        mark(OCCURRENCE, Signature::nullary(Volatility::Volatile)),
    ]
}

/// The numeric that a value of this type becomes; of a literal in quotes its text is known.
pub fn numeric_type(from: &DataType, text: Option<&str>) -> DataType {
    match (from, text) {
        (DataType::Int16, _) => DataType::Decimal128(5, 0),
        (DataType::Int32, _) => DataType::Decimal128(10, 0),
        (DataType::Int64, _) => DataType::Decimal128(19, 0),
        (DataType::Decimal128(..), _) => from.clone(),
        (_, Some(text)) => written(text),
        _ => DataType::Decimal128(PRECISION, SCALE),
    }
}

/// A numeric with the decimals that are written.
pub fn written(text: &str) -> DataType {
    let decimals = text.split_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    let scale = if text.contains(['e', 'E']) { SCALE } else { i8::try_from(decimals.min(37)).unwrap_or(SCALE) };
    DataType::Decimal128(PRECISION, scale)
}

/// What `weft_moment` makes of a date.
pub fn moment_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, None)
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
        let field = field.map(|field| match field.data_type() {
            DataType::Date32 if self.name == MOMENT => field.with_data_type(moment_type()),
            from if self.name == NUMERIC => {
                let literal = args.scalar_arguments.first().copied().flatten();
                let text = literal.and_then(|value| value.try_as_str().flatten());
                Field::new(NUMERIC, numeric_type(from, text), true)
            }
            _ => field,
        });
        Ok(Arc::new(field.unwrap_or_else(|| Field::new(self.name, DataType::Int64, false))))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("{} was left in a plan", self.name)
    }
}
