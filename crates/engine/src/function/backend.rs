//! Functions that do something: `set_config`, `pg_cancel_backend`, `pg_terminate_backend`. They act on sessions of this gateway, whenever they are
//! computed. Source of rules and messages: PostgreSQL 16 `signalfuncs.c`, `guc_funcs.c`.

use super::raise;
use crate::environment::Environment;
use crate::gateway::Gateway;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use weft_core::{Error, ErrorKind};
use weft_sql::SetScope;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Deed {
    SetConfig,
    Cancel,
    Terminate,
    UnlockAll,
}

impl Deed {
    fn name(self) -> &'static str {
        match self {
            Deed::SetConfig => "set_config",
            Deed::Cancel => "pg_cancel_backend",
            Deed::Terminate => "pg_terminate_backend",
            Deed::UnlockAll => "pg_advisory_unlock_all",
        }
    }

    fn calls(self) -> TypeSignature {
        use DataType::{Boolean, Int32, Int64, Utf8};
        let exact = |types: &[DataType]| TypeSignature::Exact(types.to_vec());
        match self {
            Deed::SetConfig => exact(&[Utf8, Utf8, Boolean]),
            Deed::Cancel => TypeSignature::OneOf(vec![exact(&[Int32]), exact(&[Int64])]),
            Deed::Terminate => TypeSignature::OneOf(vec![
                exact(&[Int32]),
                exact(&[Int64]),
                exact(&[Int32, Int64]),
                exact(&[Int64, Int64]),
            ]),
            Deed::UnlockAll => TypeSignature::Nullary,
        }
    }
}

/// The functions, for the session that runs this statement.
pub(super) fn functions(environment: &Environment) -> impl Iterator<Item = (String, Arc<ScalarUDF>)> {
    let one = |deed: Deed| Act {
        deed,
        gateway: environment.gateway.clone(),
        pid: environment.pid,
        signature: Signature::new(deed.calls(), Volatility::Volatile),
    };
    let all = [Deed::SetConfig, Deed::Cancel, Deed::Terminate, Deed::UnlockAll];
    all.map(|deed| (deed.name().to_owned(), Arc::new(ScalarUDF::new_from_impl(one(deed))))).into_iter()
}

struct Act {
    deed: Deed,
    gateway: Arc<Gateway>,
    /// Of the session that does it.
    pid: i32,
    signature: Signature,
}

impl Act {
    /// `set_config(name, value, is_local)`: the value that is in force then.
    fn set(&self, name: Option<&str>, value: Option<&str>, scope: SetScope) -> weft_core::Result<String> {
        let name = name.ok_or_else(|| Error::new(ErrorKind::InvalidParameterValue, "SET requires parameter name"))?;
        let session = self.session()?;
        session.set_variable(name, value, scope)?;
        session.variables().lock().get(name)
    }

    /// Whether there is such a session, and it was told.
    fn signal(&self, pid: i32) -> weft_core::Result<bool> {
        let own = self.session()?;
        let Some(other) = self.gateway.session(pid) else {
            own.notice("WARNING", "01000", format!("PID {pid} is not a PostgreSQL backend process"));
            return Ok(false);
        };
        let rights = own.rights();
        let is_superuser = self.gateway.principals().now().role(other.login()).is_some_and(|role| role.superuser);
        let (what, does, done) = match self.deed {
            Deed::Terminate => ("terminate process", "terminate processes", "process is being terminated"),
            _ => ("cancel query", "cancel queries", "query is being canceled"),
        };
        let denied = |detail: String| {
            Err(Error::new(ErrorKind::InsufficientPrivilege, format!("permission denied to {what}"))
                .with_detail(detail))
        };
        if is_superuser && !rights.is_everything() {
            return denied(format!(
                "Only roles with the SUPERUSER attribute may {does} of roles with the SUPERUSER attribute."
            ));
        }
        if !rights.owns(other.login()) {
            return denied(format!("Only roles with privileges of the role whose {done} may do it."));
        }
        match self.deed {
            Deed::Terminate => other.end(),
            _ => other.cancel(),
        }
        Ok(true)
    }

    fn session(&self) -> weft_core::Result<Arc<crate::session::Session>> {
        self.gateway.session(self.pid).ok_or_else(|| {
            Error::new(ErrorKind::ObjectNotInPrerequisiteState, format!("{} needs a session", self.deed.name()))
        })
    }
}

impl ScalarUDFImpl for Act {
    fn name(&self) -> &str {
        self.deed.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.deed {
            Deed::SetConfig | Deed::UnlockAll => DataType::Utf8,
            Deed::Cancel | Deed::Terminate => DataType::Boolean,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays = args.args.iter().map(|a| a.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let done: ArrayRef = match self.deed {
            Deed::SetConfig => {
                let (names, values) = (arrays[0].as_string::<i32>(), arrays[1].as_string::<i32>());
                let local = arrays[2].as_boolean();
                let set = |row: usize| {
                    let scope =
                        if local.is_valid(row) && local.value(row) { SetScope::Local } else { SetScope::Session };
                    let name = names.is_valid(row).then(|| names.value(row));
                    let value = values.is_valid(row).then(|| values.value(row));
                    self.set(name, value, scope).map(Some).map_err(raise)
                };
                Arc::new((0..rows).map(set).collect::<Result<StringArray>>()?)
            }
            // Nobody can lock.
            Deed::UnlockAll => Arc::new(StringArray::from(vec![""; rows])),
            Deed::Cancel | Deed::Terminate => {
                let pids = cast(&arrays[0], &DataType::Int32)?;
                let pids = pids.as_primitive::<Int32Type>();
                let signal = |pid: Option<i32>| pid.map(|pid| self.signal(pid).map_err(raise)).transpose();
                Arc::new(pids.iter().map(signal).collect::<Result<BooleanArray>>()?)
            }
        };
        Ok(ColumnarValue::Array(done))
    }
}

impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.deed.name())
    }
}

impl PartialEq for Act {
    fn eq(&self, other: &Self) -> bool {
        (self.deed, self.pid) == (other.deed, other.pid)
    }
}

impl Eq for Act {}

impl Hash for Act {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.deed, self.pid).hash(state);
    }
}
