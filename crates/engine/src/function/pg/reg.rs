//! `regclass`, `regtype`, `regnamespace`, `regrole`, `regproc`: names that are numbers inside.

use super::types::{find, type_name};
use super::value::Value;
use super::{Spec, seen, specs, strict, support, udf};
use crate::system::directory::Directory;
use datafusion::logical_expr::ScalarUDF;
use std::sync::Arc;
use weft_core::name::{quote_identifier, split_name};
use weft_core::pgtype::{REGCLASS, REGNAMESPACE, REGPROC, REGROLE, REGTYPE, TEXT};
use weft_core::{Error, ErrorKind, Result};

pub(super) const SPECS: &[Spec] = &[
    strict("weft_regclass", &[&["text"]], &REGCLASS, |d, a| {
        number(&a[0], |name| relation(d, name), || undefined_table(&a[0]))
    }),
    strict("weft_regtype", &[&["text"]], &REGTYPE, |_, a| {
        let missing = || Error::new(ErrorKind::UndefinedObject, format!("type \"{}\" does not exist", a[0].as_text()));
        number(&a[0], |name| find(name).map(|t| i64::from(t.oid())), missing)
    }),
    strict("weft_regnamespace", &[&["text"]], &REGNAMESPACE, |d, a| {
        let missing =
            || Error::new(ErrorKind::UndefinedSchema, format!("schema \"{}\" does not exist", a[0].as_text()));
        number(&a[0], |name| d.namespace_oid(&plain(name)).map(|o| i64::from(o.0)), missing)
    }),
    strict("weft_regrole", &[&["text"]], &REGROLE, |d, a| {
        let missing = || Error::new(ErrorKind::UndefinedObject, format!("role \"{}\" does not exist", a[0].as_text()));
        number(&a[0], |name| role(d, &plain(name)), missing)
    }),
    strict("weft_regproc", &[&["text"]], &REGPROC, |d, a| regproc(d, &a[0])),
    strict("weft_regclass_name", &[&["oid"]], &TEXT, |d, a| Ok(Value::Text(relation_name(d, a[0].int()?)))),
    strict("weft_regtype_name", &[&["oid"]], &TEXT, |_, a| Ok(Value::Text(type_name(a[0].int()?, None)))),
    strict("weft_regnamespace_name", &[&["oid"]], &TEXT, |d, a| {
        let oid = a[0].int()?;
        Ok(Value::Text(d.namespace_name(oid).map_or_else(|| unnamed(oid), quote_identifier)))
    }),
    strict("weft_regrole_name", &[&["oid"]], &TEXT, |d, a| {
        let oid = a[0].int()?;
        let role = d.roles().iter().find(|r| i64::from(r.oid.0) == oid);
        Ok(Value::Text(role.map_or_else(|| unnamed(oid), |r| quote_identifier(&r.name))))
    }),
    strict("weft_regproc_name", &[&["oid"]], &TEXT, |d, a| Ok(Value::Text(function_name(d, a[0].int()?)))),
    strict("to_regclass", &[&["text"]], &REGCLASS, |d, a| {
        Ok(relation(d, &a[0].as_text()).map_or(Value::Null, Value::Int))
    }),
    strict("to_regnamespace", &[&["text"]], &REGNAMESPACE, |d, a| {
        Ok(d.namespace_oid(&plain(&a[0].as_text())).map_or(Value::Null, |o| Value::Int(i64::from(o.0))))
    }),
    strict("to_regrole", &[&["text"]], &REGROLE, |d, a| {
        Ok(role(d, &plain(&a[0].as_text())).map_or(Value::Null, Value::Int))
    }),
    strict("to_regproc", &[&["text"]], &REGPROC, |d, a| Ok(regproc(d, &a[0]).unwrap_or(Value::Null))),
    seen("pg_get_userbyid", &[&["oid"]], &weft_core::pgtype::NAME, |d, a| {
        if a[0] == Value::Null {
            return Ok(Value::Null);
        }
        let oid = a[0].int()?;
        let role = d.roles().iter().find(|r| i64::from(r.oid.0) == oid);
        Ok(Value::Text(role.map_or_else(|| format!("unknown (OID={oid})"), |r| r.name.clone())))
    }),
];

/// The function that writes a number of this type as a name; nothing for types that are no such numbers.
pub(crate) fn display_function(pg_type: &str, directory: &Arc<Directory>) -> Option<Arc<ScalarUDF>> {
    let name = match pg_type {
        "regclass" => "weft_regclass_name",
        "regtype" => "weft_regtype_name",
        "regnamespace" => "weft_regnamespace_name",
        "regrole" => "weft_regrole_name",
        "regproc" | "regprocedure" => "weft_regproc_name",
        _ => return None,
    };
    specs().find(|spec| spec.name == name).map(|spec| udf(spec, Some(directory.clone())))
}

/// A number stays one; a text is a number or a name.
fn number(value: &Value, find: impl Fn(&str) -> Option<i64>, missing: impl Fn() -> Error) -> Result<Value> {
    match value {
        Value::Text(text) if text == "-" => Ok(Value::Int(0)),
        Value::Text(text) => match text.parse::<i64>() {
            Ok(number) => Ok(Value::Int(number)),
            Err(_) => find(text).map(Value::Int).ok_or_else(missing),
        },
        other => Ok(other.clone()),
    }
}

fn undefined_table(name: &Value) -> Error {
    Error::new(ErrorKind::UndefinedTable, format!("relation \"{}\" does not exist", name.as_text()))
}

/// The number of the relation of this name; the catalog may stand before it if it is the current one.
pub(super) fn relation(directory: &Directory, name: &str) -> Option<i64> {
    let parts = split_name(name);
    let found = match parts.as_slice() {
        [table] => directory.find_relation(None, table),
        [schema, table] => directory.find_relation(Some(schema), table),
        [catalog, schema, table] if *catalog == directory.catalog() => directory.find_relation(Some(schema), table),
        _ => None,
    };
    found.map(|o| i64::from(o.0))
}

/// The relation's name, with its schema where a bare name would not find it.
pub(super) fn relation_name(directory: &Directory, oid: i64) -> String {
    match directory.relation_name(oid) {
        None => unnamed(oid),
        Some((_, name)) if directory.is_visible(oid) == Some(true) => quote_identifier(name),
        Some((schema, name)) => format!("{}.{}", quote_identifier(schema), quote_identifier(name)),
    }
}

fn unnamed(oid: i64) -> String {
    if oid == 0 { "-".to_owned() } else { oid.to_string() }
}

fn plain(name: &str) -> String {
    split_name(name).pop().unwrap_or_default()
}

fn role(directory: &Directory, name: &str) -> Option<i64> {
    directory.roles().iter().find(|r| r.name == name).map(|r| i64::from(r.oid.0))
}

fn regproc(directory: &Directory, value: &Value) -> Result<Value> {
    let missing =
        || Error::new(ErrorKind::UndefinedFunction, format!("function \"{}\" does not exist", value.as_text()));
    let Value::Text(text) = value else { return Ok(value.clone()) };
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => (name, Some(rest.trim_end_matches(')'))),
        None => (text.as_str(), None),
    };
    let bare = plain(name);
    if let Some(arguments) = arguments {
        let wanted: Option<Vec<String>> = arguments
            .split(',')
            .map(str::trim)
            .filter(|a| !a.is_empty())
            .map(|a| find(a).map(|t| t.oid().to_string()))
            .collect();
        let wanted = wanted.map(|w| w.join(" ")).ok_or_else(missing)?;
        let found = directory.functions().iter().find(|f| f.name == bare && f.arguments == wanted);
        return found.map(|f| Value::Int(i64::from(f.oid.0))).ok_or_else(missing);
    }
    let mut named = directory.functions().iter().filter(|f| f.name == bare);
    match (named.next(), named.next()) {
        (Some(one), None) => Ok(Value::Int(i64::from(one.oid.0))),
        (Some(_), Some(_)) => Err(Error::new(
            ErrorKind::AmbiguousFunction,
            format!("more than one function named \"{}\"", value.as_text()),
        )),
        (None, _) => number(value, |_| support::number(&bare), missing),
    }
}

fn function_name(directory: &Directory, oid: i64) -> String {
    let named = directory.functions().iter().find(|f| i64::from(f.oid.0) == oid).map(|f| quote_identifier(&f.name));
    named.or_else(|| support::name(oid).map(str::to_owned)).unwrap_or_else(|| unnamed(oid))
}
