//! `has_…_privilege` and `pg_has_role`. As in PostgreSQL, a privilege on a table does not ask for the way to it.

use super::reg::relation;
use super::value::Value;
use super::{Spec, strict};
use crate::catalog::LAKE;
use crate::principals::{Held, Rights, Thing};
use crate::system::directory::Directory;
use crate::views;
use weft_core::pgtype::BOOL;
use weft_core::{Error, ErrorKind, Privilege, Result};

const OBJECT: &[&[&str]] = &[&["name", "text", "text"], &["text", "text"]];
const COLUMN: &[&[&str]] = &[&["name", "text", "text", "text"], &["text", "text", "text"]];

/// What everybody may do with functions, types and the like.
const COMMON: [&str; 2] = ["USAGE", "EXECUTE"];

/// What follows the name of a privilege that may be granted on.
const OPTION: &str = " WITH GRANT OPTION";

/// What PostgreSQL has on tables and Weft has not.
const FOREIGN: [&str; 6] = ["UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"];

pub(super) const SPECS: &[Spec] = &[
    strict("has_table_privilege", OBJECT, &BOOL, |d, a| of_table(d, a, 2, a.len() - 2)),
    strict("has_any_column_privilege", OBJECT, &BOOL, |d, a| of_table(d, a, 2, a.len() - 2)),
    strict("has_column_privilege", COLUMN, &BOOL, |d, a| of_table(d, a, 3, a.len() - 3)),
    strict("has_database_privilege", OBJECT, &BOOL, of_database),
    strict("has_schema_privilege", OBJECT, &BOOL, of_schema),
    strict("has_function_privilege", OBJECT, &BOOL, common),
    strict("has_type_privilege", OBJECT, &BOOL, common),
    strict("has_language_privilege", OBJECT, &BOOL, common),
    strict("has_sequence_privilege", OBJECT, &BOOL, common),
    strict("has_tablespace_privilege", OBJECT, &BOOL, common),
    strict("has_foreign_data_wrapper_privilege", OBJECT, &BOOL, common),
    strict("has_server_privilege", OBJECT, &BOOL, common),
    strict("has_parameter_privilege", OBJECT, &BOOL, common),
    strict("pg_has_role", OBJECT, &BOOL, |d, a| {
        let user = user(d, a, 2)?;
        let role = role(d, &a[a.len() - 2].as_text())?;
        let wanted = a.last().map(Value::as_text).unwrap_or_default().to_uppercase();
        let has = |word: &str| match word.trim() {
            "MEMBER WITH ADMIN OPTION" | "USAGE WITH ADMIN OPTION" | "SET WITH ADMIN OPTION" => {
                d.principals().may_give(&user, &role)
            }
            _ => d.principals().is_member(&user, &role),
        };
        Ok(Value::Bool(wanted.split(',').any(has)))
    }),
];

/// Of the table that the argument at this place names.
fn of_table(directory: &Directory, arguments: &[Value], without: usize, place: usize) -> Result<Value> {
    let oid = match &arguments[place] {
        Value::Text(name) => match name.parse::<i64>() {
            Ok(oid) => oid,
            Err(_) => relation(directory, name)
                .ok_or_else(|| Error::new(ErrorKind::UndefinedTable, format!("relation \"{name}\" does not exist")))?,
        },
        other => other.int()?,
    };
    // A number of nothing has no answer, as in PostgreSQL.
    let Some(table) = directory.relation(oid) else { return Ok(Value::Null) };
    let rights = rights(directory, arguments, without)?;
    let is_built_in = [views::PG_CATALOG, views::INFORMATION_SCHEMA].contains(&table.schema.as_str());
    let thing = directory.thing_of(table);
    answer(arguments, |word, option| {
        if FOREIGN.contains(&word) {
            return Some(rights.is_everything());
        }
        let privilege = Privilege::named(word).filter(|p| *p != Privilege::Usage)?;
        let read = is_built_in && privilege == Privilege::Select && option == Grantable::Whatever;
        Some(read || holds(&rights, thing.as_ref(), privilege, option))
    })
}

fn of_schema(directory: &Directory, arguments: &[Value]) -> Result<Value> {
    let named = &arguments[arguments.len() - 2];
    let name = match named {
        Value::Text(name) if name.parse::<i64>().is_err() => match directory.namespace_oid(name) {
            Some(_) => Some(name.as_str()),
            None => {
                return Err(Error::new(ErrorKind::UndefinedSchema, format!("schema \"{name}\" does not exist")));
            }
        },
        number => directory.namespace_name(number.int()?),
    };
    let Some(name) = name else { return Ok(Value::Null) };
    let rights = rights(directory, arguments, 2)?;
    let is_built_in = [views::PG_CATALOG, views::INFORMATION_SCHEMA].contains(&name);
    let thing = directory.thing(directory.catalog()).map(|catalog| catalog.schema_in(name));
    answer(arguments, |word, option| match word {
        "USAGE" => Some(
            (is_built_in && option == Grantable::Whatever) || holds(&rights, thing.as_ref(), Privilege::Usage, option),
        ),
        // To keep views in the lake is to manage its schema.
        "CREATE" => {
            let keeps = directory.catalog() == LAKE && !is_built_in;
            Some(rights.is_everything() || (keeps && holds(&rights, thing.as_ref(), Privilege::Manage, option)))
        }
        _ => None,
    })
}

fn of_database(directory: &Directory, arguments: &[Value]) -> Result<Value> {
    let named = arguments[arguments.len() - 2].as_text();
    let known = directory.databases().iter().find(|d| d.name == named || i64::from(d.oid.0).to_string() == named);
    let name = known.map_or(named.as_str(), |d| d.name.as_str());
    let Some(thing) = directory.thing(name) else {
        return match named.parse::<i64>() {
            Ok(_) => Ok(Value::Null),
            Err(_) => Err(Error::new(ErrorKind::UndefinedCatalog, format!("database \"{name}\" does not exist"))),
        };
    };
    let rights = rights(directory, arguments, 2)?;
    answer(arguments, |word, option| match (word, option) {
        ("CONNECT", Grantable::Whatever) => Some(rights.sees(&thing)),
        ("TEMP" | "TEMPORARY", Grantable::Whatever) => Some(true),
        ("CREATE" | "CONNECT" | "TEMP" | "TEMPORARY", _) => Some(rights.is_everything()),
        _ => None,
    })
}

fn common(directory: &Directory, arguments: &[Value]) -> Result<Value> {
    if rights(directory, arguments, 2)?.is_everything() {
        return Ok(Value::Bool(true));
    }
    let wanted = arguments.last().map(Value::as_text).unwrap_or_default().to_uppercase();
    Ok(Value::Bool(wanted.split(',').any(|p| COMMON.contains(&p.trim()))))
}

/// Whether a privilege must be one that may be granted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grantable {
    Whatever,
    Must,
}

fn holds(rights: &Rights, thing: Option<&Thing>, privilege: Privilege, option: Grantable) -> bool {
    let held = thing.map_or_else(Held::default, |thing| rights.held(thing));
    match option {
        Grantable::Whatever => held.may.has(privilege),
        Grantable::Must => held.may_grant.has(privilege),
    }
}

/// Whether any of what the last argument lists is so; 22023 for a word that is no privilege of such an object.
fn answer(arguments: &[Value], has: impl Fn(&str, Grantable) -> Option<bool>) -> Result<Value> {
    let wanted = arguments.last().map(Value::as_text).unwrap_or_default();
    let mut any = false;
    for word in wanted.split(',').map(str::trim) {
        let upper = word.to_uppercase();
        let (name, option) = match upper.strip_suffix(OPTION) {
            Some(name) => (name.trim(), Grantable::Must),
            None => (upper.as_str(), Grantable::Whatever),
        };
        any |= has(name, option).ok_or_else(|| {
            Error::new(ErrorKind::InvalidParameterValue, format!("unrecognized privilege type: \"{word}\""))
        })?;
    }
    Ok(Value::Bool(any))
}

/// What the role that is asked about may do. `without` is the number of arguments where no role is named.
fn rights(directory: &Directory, arguments: &[Value], without: usize) -> Result<Rights> {
    match arguments.first() {
        Some(Value::Text(name)) if arguments.len() > without && name == "public" => {
            Ok(directory.principals().everybodys())
        }
        _ => Ok(directory.principals().rights(&user(directory, arguments, without)?)),
    }
}

/// The name of the role that is asked about.
fn user(directory: &Directory, arguments: &[Value], without: usize) -> Result<String> {
    match arguments.first() {
        Some(name) if arguments.len() > without => role(directory, &name.as_text()),
        _ => Ok(directory.user().to_owned()),
    }
}

/// The name of the role with this name or number.
fn role(directory: &Directory, name: &str) -> Result<String> {
    let found = directory.roles().iter().find(|r| r.name == name || i64::from(r.oid.0).to_string() == name);
    let found = found.map(|role| role.name.clone());
    found.ok_or_else(|| Error::new(ErrorKind::UndefinedObject, format!("role \"{name}\" does not exist")))
}
