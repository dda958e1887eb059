//! PostgreSQL's functions on its own catalog: names of numbers, visibility, privileges, sizes, definitions. They answer from the statement's
//! [`Directory`], never from a source.
//!
//! The types that name an object by a number (`regclass`, `regtype`, …) are numbers here, marked with their type. A literal name becomes its number
//! (`'t'::regclass`), a number stays one (`oid::regclass`); it is written as a name where it is cast to text or concatenated, and in the result of a
//! statement (`plan::display`).

mod array;
mod catalog;
mod definition;
mod format;
mod privilege;
mod quote;
mod reg;
mod server;
mod size;
mod support;
mod types;
mod value;
mod visible;

use super::raise;
use crate::system::directory::Directory;
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use value::Value;
use weft_core::pgtype::{self, PgType, tagged};

pub(crate) use array::elements_function as elements;
pub(crate) use reg::display_function;

/// What a function does with the values of one row.
type Row = fn(&Directory, &[Value]) -> weft_core::Result<Value>;

/// Whether a NULL argument makes the result NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nulls {
    /// It does.
    Strict,
    /// The function sees it.
    Seen,
}

/// A function of this module.
struct Spec {
    name: &'static str,
    /// Argument types of each way to call it, by their names in `pg_type`.
    calls: &'static [&'static [&'static str]],
    result: &'static PgType,
    nulls: Nulls,
    row: Row,
}

/// A strict function.
const fn strict(
    name: &'static str,
    calls: &'static [&'static [&'static str]],
    result: &'static PgType,
    row: Row,
) -> Spec {
    Spec { name, calls, result, nulls: Nulls::Strict, row }
}

/// A function that sees NULL arguments.
const fn seen(
    name: &'static str,
    calls: &'static [&'static [&'static str]],
    result: &'static PgType,
    row: Row,
) -> Spec {
    Spec { name, calls, result, nulls: Nulls::Seen, row }
}

fn specs() -> impl Iterator<Item = &'static Spec> {
    let rooms = [
        types::SPECS,
        reg::SPECS,
        visible::SPECS,
        catalog::SPECS,
        definition::SPECS,
        privilege::SPECS,
        size::SPECS,
        server::SPECS,
        quote::SPECS,
    ];
    rooms.into_iter().flatten()
}

/// Whether a function of this name needs the directory.
pub fn is_directed(name: &str) -> bool {
    specs().any(|spec| spec.name.eq_ignore_ascii_case(name))
}

/// The functions that need the directory, with it.
pub fn directed(directory: &Arc<Directory>) -> HashMap<String, Arc<ScalarUDF>> {
    specs().map(|spec| (spec.name.to_owned(), udf(spec, Some(directory.clone())))).collect()
}

/// The same functions without it: to be described, not to be called.
pub fn undirected() -> HashMap<String, Arc<ScalarUDF>> {
    server::remember_start();
    specs().map(|spec| (spec.name.to_owned(), udf(spec, None))).collect()
}

/// The functions that need no directory.
pub fn all() -> Vec<Arc<ScalarUDF>> {
    let mut functions = array::all();
    functions.extend(format::all());
    functions
}

/// The numbers of the argument types of each way to call a function of this module.
pub fn calls(name: &str) -> Option<Vec<Vec<u32>>> {
    let spec = specs().find(|spec| spec.name == name)?;
    let number = |name: &&str| pgtype::scalar_named(name).map_or(0, |t| t.oid);
    Some(spec.calls.iter().map(|call| call.iter().map(number).collect()).collect())
}

fn udf(spec: &'static Spec, directory: Option<Arc<Directory>>) -> Arc<ScalarUDF> {
    let mut arities: Vec<_> = spec.calls.iter().map(|call| call.len()).collect();
    arities.sort_unstable();
    arities.dedup();
    let shapes =
        arities.into_iter().map(|n| if n == 0 { TypeSignature::Nullary } else { TypeSignature::Any(n) }).collect();
    let signature = Signature::one_of(shapes, Volatility::Stable);
    Arc::new(ScalarUDF::new_from_impl(Lookup { spec, directory, signature }))
}

struct Lookup {
    spec: &'static Spec,
    directory: Option<Arc<Directory>>,
    signature: Signature,
}

impl std::fmt::Debug for Lookup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.spec.name)
    }
}

impl PartialEq for Lookup {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.directory, &other.directory) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        same && self.spec.name == other.spec.name
    }
}

impl Eq for Lookup {}

impl Hash for Lookup {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.spec.name.hash(state);
    }
}

impl ScalarUDFImpl for Lookup {
    fn name(&self) -> &str {
        self.spec.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(value::arrow_type(self.spec.result))
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let field = Field::new(self.spec.name, value::arrow_type(self.spec.result), true);
        Ok(Arc::new(if self.spec.result.name == "text" { field } else { tagged(field, self.spec.result) }))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(directory) = &self.directory else {
            return internal_err!("{} was planned without a directory", self.spec.name);
        };
        let scalar = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if scalar { 1 } else { args.number_rows };
        let columns = args.args.iter().map(|a| a.to_array(rows)).collect::<Result<Vec<ArrayRef>>>()?;
        let mut results = Vec::with_capacity(rows);
        for row in 0..rows {
            let values: Vec<Value> = columns.iter().map(|c| Value::at(c, row)).collect::<Result<_>>()?;
            let skip = self.spec.nulls == Nulls::Strict && values.contains(&Value::Null);
            results.push(if skip { Value::Null } else { (self.spec.row)(directory, &values).map_err(raise)? });
        }
        let array = value::array(self.spec.result, results)?;
        if scalar {
            return Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}
