//! Functions whose answer depends on the session: `current_user`, `current_database()`, `current_setting()`, …. They are made anew for each statement.

use super::backend;
use super::calendar::DateTrunc;
use crate::environment::Environment;
use arrow::array::{Array, AsArray, ListArray, StringArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Those that say the same for one user in one catalog.
const OF_USER: [&str; 7] =
    ["current_user", "user", "current_role", "current_database", "current_catalog", "version", "pg_is_in_recovery"];

/// Those that say what a session can set.
const OF_SETTINGS: [&str; 7] =
    ["current_schema", "current_schemas", "current_setting", "date_trunc", "to_char", "to_date", "to_timestamp"];

/// Whether the function of this name says the same for one user in one catalog.
pub fn is_of_user(name: &str) -> bool {
    OF_USER.contains(&name)
}

/// Whether the function of this name says, or goes by, what a session can set.
pub fn is_of_settings(name: &str) -> bool {
    OF_SETTINGS.contains(&name)
}

/// The functions of this statement, by name.
pub fn functions(environment: &Environment) -> HashMap<String, Arc<ScalarUDF>> {
    let mut functions = HashMap::new();
    let mut add = |name: &'static str, value: ScalarValue| {
        functions.insert(name.to_owned(), Arc::new(ScalarUDF::new_from_impl(Constant::new(name, value))));
    };
    let text = |s: &str| ScalarValue::Utf8(Some(s.to_owned()));
    for name in ["current_user", "user", "current_role"] {
        add(name, text(&environment.user));
    }
    add("session_user", text(&environment.login));
    for name in ["current_database", "current_catalog"] {
        add(name, text(&environment.path.catalog));
    }
    add(
        "current_schema",
        ScalarValue::Utf8(Some(environment.path.schemas.first().cloned().unwrap_or_else(|| "public".to_owned()))),
    );
    add("pg_backend_pid", ScalarValue::Int32(Some(environment.pid)));
    add("version", text(&version()));
    add("pg_is_in_recovery", ScalarValue::Boolean(Some(false)));
    let zone = environment.variables.zone();
    functions.insert("date_trunc".to_owned(), Arc::new(ScalarUDF::new_from_impl(DateTrunc::new(zone))));
    functions.extend(super::template::functions(zone));
    functions
        .insert("current_schemas".to_owned(), Arc::new(ScalarUDF::new_from_impl(CurrentSchemas::new(environment))));
    functions
        .insert("current_setting".to_owned(), Arc::new(ScalarUDF::new_from_impl(CurrentSetting::new(environment))));
    functions.extend(backend::functions(environment));
    functions
}

/// `version()`
pub fn version() -> String {
    format!("PostgreSQL {} (Weft {})", crate::variables::SERVER_VERSION, env!("CARGO_PKG_VERSION"))
}

/// A function without arguments whose value is known.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Constant {
    name: &'static str,
    value: ScalarValue,
    signature: Signature,
}

impl Constant {
    fn new(name: &'static str, value: ScalarValue) -> Self {
        Constant { name, value, signature: Signature::nullary(Volatility::Stable) }
    }
}

impl ScalarUDFImpl for Constant {
    fn name(&self) -> &str {
        self.name
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.value.data_type())
    }
    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(self.value.clone()))
    }
}

/// `current_schemas(include_implicit)`
#[derive(Debug, PartialEq, Eq, Hash)]
struct CurrentSchemas {
    path: Vec<String>,
    signature: Signature,
}

impl CurrentSchemas {
    fn new(environment: &Environment) -> Self {
        CurrentSchemas {
            path: environment.path.schemas.clone(),
            signature: Signature::exact(vec![DataType::Boolean], Volatility::Stable),
        }
    }
}

impl ScalarUDFImpl for CurrentSchemas {
    fn name(&self) -> &str {
        "current_schemas"
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))))
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let implicit = args.args[0].to_array(1)?;
        let implicit = implicit.as_boolean().is_valid(0) && implicit.as_boolean().value(0);
        let first = implicit.then(|| crate::views::PG_CATALOG.to_owned());
        let names: Vec<String> = first.into_iter().chain(self.path.iter().cloned()).collect();
        let values = StringArray::from(names);
        let offsets = OffsetBuffer::from_lengths([values.len()]);
        let field = Arc::new(Field::new_list_field(DataType::Utf8, true));
        let list = ListArray::try_new(field, offsets, Arc::new(values), None)?;
        Ok(ColumnarValue::Scalar(ScalarValue::List(Arc::new(list))))
    }
}

/// `current_setting(name [, missing_ok])`
#[derive(Debug)]
struct CurrentSetting {
    variables: Arc<crate::variables::Variables>,
    signature: Signature,
}

impl CurrentSetting {
    fn new(environment: &Environment) -> Self {
        let shapes = vec![
            TypeSignature::Exact(vec![DataType::Utf8]),
            TypeSignature::Exact(vec![DataType::Utf8, DataType::Boolean]),
        ];
        CurrentSetting {
            variables: environment.variables.clone(),
            signature: Signature::one_of(shapes, Volatility::Stable),
        }
    }
}

impl PartialEq for CurrentSetting {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.variables, &other.variables)
    }
}

impl Eq for CurrentSetting {}

impl Hash for CurrentSetting {
    fn hash<H: Hasher>(&self, state: &mut H) {
        "current_setting".hash(state);
    }
}

impl ScalarUDFImpl for CurrentSetting {
    fn name(&self) -> &str {
        "current_setting"
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let names = args.args[0].to_array(args.number_rows)?;
        let missing_ok = match args.args.get(1) {
            Some(flag) => {
                let flag = flag.to_array(1)?;
                flag.as_boolean().is_valid(0) && flag.as_boolean().value(0)
            }
            None => false,
        };
        let value = |name: Option<&str>| -> Result<Option<String>> {
            match name.map(|n| self.variables.get(n)) {
                None => Ok(None),
                Some(Ok(value)) => Ok(Some(value)),
                Some(Err(_)) if missing_ok => Ok(None),
                Some(Err(error)) => Err(super::raise(error)),
            }
        };
        let values = names.as_string::<i32>().iter().map(value).collect::<Result<Vec<_>>>()?;
        Ok(ColumnarValue::Array(Arc::new(StringArray::from(values))))
    }
}
