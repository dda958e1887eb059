//! Functions and operators with PostgreSQL's semantics, where DataFusion's own differ. A function here computes values; how it is said to DuckDB is the
//! dialect's business (`plan/duckdb`), and which operator becomes which function is `plan/semantics`'.

pub mod aggregate;
pub mod arithmetic;
pub mod backend;
pub mod calendar;
pub mod cast;
pub mod datetime;
pub mod input;
pub mod json;
pub mod json_path;
pub mod length;
pub mod math;
pub mod numeric;
pub mod pg;
pub mod session;
pub mod template;
pub mod text;
pub mod typed;
pub mod typeof_;
pub mod zone;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// How a [`Function`]'s type follows from its arguments' types.
pub type Typing = fn(&[DataType]) -> Result<DataType>;

/// How a [`Function`] computes: arguments expanded to arrays of the same length, and the type to return.
pub type Kernel = fn(&[ArrayRef], &DataType) -> Result<ArrayRef>;

/// A function made of two function pointers. Its name identifies it.
pub struct Function {
    name: &'static str,
    signature: Signature,
    typing: Typing,
    kernel: Kernel,
}

impl Function {
    /// A function whose arguments have been given the right types by whoever builds the call.
    pub fn internal(name: &'static str, arguments: usize, typing: Typing, kernel: Kernel) -> ScalarUDF {
        Function::with_signature(name, Signature::any(arguments, Volatility::Immutable), typing, kernel)
    }

    /// A function that users call, with DataFusion's coercion of arguments.
    pub fn with_signature(name: &'static str, signature: Signature, typing: Typing, kernel: Kernel) -> ScalarUDF {
        ScalarUDF::new_from_impl(Function { name, signature, typing, kernel })
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.signature == other.signature
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        (self.typing)(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<_> = args.arg_fields.iter().map(|f| f.data_type().clone()).collect();
        Ok(Arc::new(arrow::datatypes::Field::new(self.name, (self.typing)(&types)?, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let all_scalar = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if all_scalar { 1 } else { args.number_rows };
        let arrays = args.args.iter().map(|a| a.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let result = (self.kernel)(&arrays, args.return_field.data_type())?;
        if all_scalar {
            return Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

/// A Weft error on its way through DataFusion.
pub fn raise(error: weft_core::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// A call of the function.
pub fn call(function: &Arc<ScalarUDF>, arguments: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(datafusion::logical_expr::expr::ScalarFunction::new_udf(function.clone(), arguments))
}

/// The array as the concrete type that the plan promised.
pub fn downcast<T: 'static>(array: &ArrayRef) -> Result<&T> {
    array.as_any().downcast_ref::<T>().ok_or_else(|| {
        DataFusionError::Internal(format!("a function received {} instead of what was planned", array.data_type()))
    })
}

/// Every function that can be called by name.
pub fn all() -> Vec<Arc<ScalarUDF>> {
    let mut functions = Vec::new();
    functions.extend(arithmetic::all());
    functions.extend(numeric::all());
    functions.push(calendar::EXTRACT.clone());
    functions.extend(cast::all());
    functions.extend(input::all());
    functions.extend(length::all());
    functions.extend(datetime::all());
    functions.extend(text::all());
    functions.extend(math::all());
    functions.extend(json::all());
    functions.extend(json_path::all());
    functions.extend(zone::all());
    functions.extend(pg::all());
    functions.extend(typed::all());
    functions.push(typeof_::pg_typeof());
    functions
}
