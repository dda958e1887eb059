//! `has_…_privilege`: a superuser may do everything; others may read.

use super::reg::relation;
use super::value::Value;
use super::{Spec, strict};
use crate::system::directory::Directory;
use weft_core::pgtype::BOOL;
use weft_core::{Error, ErrorKind, Result};

const OBJECT: &[&[&str]] = &[&["name", "text", "text"], &["text", "text"]];
const COLUMN: &[&[&str]] = &[&["name", "text", "text", "text"], &["text", "text", "text"]];

/// What everybody may do.
const COMMON: [&str; 5] = ["SELECT", "USAGE", "CONNECT", "EXECUTE", "TEMPORARY"];

pub(super) const SPECS: &[Spec] = &[
    strict("has_table_privilege", OBJECT, &BOOL, |d, a| {
        let object = &a[a.len() - 2];
        if let Value::Text(name) = object
            && name.parse::<i64>().is_err()
            && relation(d, name).is_none()
        {
            return Err(Error::new(ErrorKind::UndefinedTable, format!("relation \"{name}\" does not exist")));
        }
        allowed(d, a, 2)
    }),
    strict("has_any_column_privilege", OBJECT, &BOOL, |d, a| allowed(d, a, 2)),
    strict("has_column_privilege", COLUMN, &BOOL, |d, a| allowed(d, a, 3)),
    strict("has_database_privilege", OBJECT, &BOOL, |d, a| {
        if let Value::Text(name) = &a[a.len() - 2]
            && !d.databases().iter().any(|b| b.name == *name)
        {
            return Err(Error::new(ErrorKind::UndefinedCatalog, format!("database \"{name}\" does not exist")));
        }
        allowed(d, a, 2)
    }),
    strict("has_schema_privilege", OBJECT, &BOOL, |d, a| {
        if let Value::Text(name) = &a[a.len() - 2]
            && name.parse::<i64>().is_err()
            && d.namespace_oid(name).is_none()
        {
            return Err(Error::new(ErrorKind::UndefinedSchema, format!("schema \"{name}\" does not exist")));
        }
        allowed(d, a, 2)
    }),
    strict("has_function_privilege", OBJECT, &BOOL, |d, a| allowed(d, a, 2)),
    strict("has_type_privilege", OBJECT, &BOOL, |d, a| allowed(d, a, 2)),
    strict("has_language_privilege", OBJECT, &BOOL, |d, a| allowed(d, a, 2)),
    strict("has_sequence_privilege", OBJECT, &BOOL, |d, a| allowed(d, a, 2)),
    strict("has_tablespace_privilege", OBJECT, &BOOL, |d, a| allowed(d, a, 2)),
    strict("has_foreign_data_wrapper_privilege", OBJECT, &BOOL, |d, a| allowed(d, a, 2)),
    strict("has_server_privilege", OBJECT, &BOOL, |d, a| allowed(d, a, 2)),
    strict("has_parameter_privilege", OBJECT, &BOOL, |d, a| allowed(d, a, 2)),
    strict("pg_has_role", OBJECT, &BOOL, |d, a| {
        let user = user(d, a, 2)?;
        let role = a[a.len() - 2].as_text();
        Ok(Value::Bool(user.superuser || user.name == role || i64::from(user.oid.0).to_string() == role))
    }),
];

/// Whether the role may do any of what the last argument lists. `without` is the number of arguments where no role is named.
fn allowed(directory: &Directory, arguments: &[Value], without: usize) -> Result<Value> {
    if user(directory, arguments, without)?.superuser {
        return Ok(Value::Bool(true));
    }
    let wanted = arguments.last().map(Value::as_text).unwrap_or_default().to_uppercase();
    Ok(Value::Bool(wanted.split(',').any(|p| COMMON.contains(&p.trim()))))
}

/// The role that is asked about.
fn user<'a>(
    directory: &'a Directory,
    arguments: &[Value],
    without: usize,
) -> Result<&'a crate::system::internal::InternalRoleRow> {
    let name = match arguments.first() {
        Some(name) if arguments.len() > without => name.as_text(),
        _ => directory.user().to_owned(),
    };
    let found = directory.roles().iter().find(|r| r.name == name || i64::from(r.oid.0).to_string() == name);
    found.ok_or_else(|| Error::new(ErrorKind::UndefinedObject, format!("role \"{name}\" does not exist")))
}
