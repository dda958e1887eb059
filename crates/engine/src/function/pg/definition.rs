//! `pg_get_…`: how an object was defined. There are views, functions, indexes and constraints; what Weft does not have has no definition.

use super::reg::{relation, relation_name};
use super::types::type_name;
use super::value::Value;
use super::{Spec, seen, strict};
use crate::system::directory::Directory;
use crate::system::internal::FunctionRow;
use weft_core::pgtype::{INT4, OID, TEXT};
use weft_core::{Error, ErrorKind, Result};

fn nothing(_: &Directory, _: &[Value]) -> Result<Value> {
    Ok(Value::Null)
}

pub(super) const SPECS: &[Spec] = &[
    strict("pg_get_viewdef", &[&["oid"], &["oid", "bool"], &["oid", "int4"]], &TEXT, |d, a| {
        let oid = match &a[0] {
            Value::Text(name) if name.parse::<i64>().is_err() => relation(d, name)
                .ok_or_else(|| Error::new(ErrorKind::UndefinedTable, format!("relation \"{name}\" does not exist")))?,
            number => number.int()?,
        };
        let text = d.relation(oid).and_then(|t| t.definition.as_deref());
        Ok(Value::text(text.map(|t| format!(" {};", t.trim().trim_end_matches(';')))))
    }),
    // The text of an expression is kept as text.
    strict(
        "pg_get_expr",
        &[&["pg_node_tree", "oid"], &["pg_node_tree", "oid", "bool"]],
        &TEXT,
        |_, a| Ok(a[0].clone()),
    ),
    strict("pg_get_indexdef", &[&["oid"], &["oid", "int4", "bool"]], &TEXT, |d, a| {
        let column = a.get(1).map_or(Ok(0), Value::int)?;
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        Ok(d.index_definition(a[0].int()?, column).map_or(Value::Null, Value::Text))
    }),
    strict("pg_get_constraintdef", &[&["oid"], &["oid", "bool"]], &TEXT, |d, a| {
        Ok(d.constraint_definition(a[0].int()?).map_or(Value::Null, Value::Text))
    }),
    strict("pg_get_ruledef", &[&["oid"], &["oid", "bool"]], &TEXT, nothing),
    strict("pg_get_triggerdef", &[&["oid"], &["oid", "bool"]], &TEXT, nothing),
    strict("pg_get_statisticsobjdef", &[&["oid"]], &TEXT, nothing),
    strict("pg_get_statisticsobjdef_columns", &[&["oid"]], &TEXT, nothing),
    strict("pg_get_partkeydef", &[&["oid"]], &TEXT, nothing),
    strict("pg_get_partition_constraintdef", &[&["oid"]], &TEXT, nothing),
    strict("pg_get_serial_sequence", &[&["text", "text"]], &TEXT, nothing),
    strict("pg_get_function_sqlbody", &[&["oid"]], &TEXT, nothing),
    strict("pg_get_function_arg_default", &[&["oid", "int4"]], &TEXT, nothing),
    strict("pg_get_replica_identity_index", &[&["regclass"]], &OID, nothing),
    strict("pg_get_function_result", &[&["oid"]], &TEXT, |d, a| {
        Ok(Value::text(function(d, &a[0])?.map(|f| f.result.as_str())))
    }),
    strict("pg_get_function_arguments", &[&["oid"]], &TEXT, |d, a| Ok(Value::text(function(d, &a[0])?.map(arguments)))),
    strict("pg_get_function_identity_arguments", &[&["oid"]], &TEXT, |d, a| {
        Ok(Value::text(function(d, &a[0])?.map(arguments)))
    }),
    strict("oidvectortypes", &[&["oidvector"]], &TEXT, |_, a| Ok(Value::Text(type_names(&a[0].as_text())))),
    strict("pg_get_functiondef", &[&["oid"]], &TEXT, |d, a| match function(d, &a[0])? {
        Some(f) if f.kind != "f" => {
            let what = if f.kind == "a" { "an aggregate" } else { "a window" };
            Err(Error::new(ErrorKind::WrongObjectType, format!("\"{}\" is {what} function", f.name)))
        }
        found => Ok(Value::text(found.map(text))),
    }),
    seen("pg_describe_object", &[&["oid", "oid", "int4"]], &TEXT, |d, a| {
        let oid = a[1].int()?;
        Ok(Value::text(d.relation(oid).map(|_| format!("table {}", relation_name(d, oid)))))
    }),
    strict("pg_partition_root", &[&["regclass"]], &OID, nothing),
    strict("pg_index_column_has_property", &[&["regclass", "int4", "text"]], &weft_core::pgtype::BOOL, nothing),
    strict("pg_sequence_last_value", &[&["regclass"]], &weft_core::pgtype::INT8, nothing),
    strict("pg_trigger_depth", &[&[]], &INT4, |_, _| Ok(Value::Int(0))),
];

fn function<'a>(directory: &'a Directory, oid: &Value) -> Result<Option<&'a FunctionRow>> {
    let oid = oid.int()?;
    Ok(directory.functions().iter().find(|f| i64::from(f.oid.0) == oid))
}

/// `integer, text`
fn arguments(function: &FunctionRow) -> String {
    type_names(&function.arguments)
}

/// The types with these numbers.
fn type_names(vector: &str) -> String {
    let types = vector.split_whitespace().filter_map(|oid| oid.parse().ok());
    types.map(|oid| type_name(oid, None)).collect::<Vec<_>>().join(", ")
}

fn text(function: &FunctionRow) -> String {
    let volatility = match function.volatility.as_str() {
        "i" => " IMMUTABLE",
        "s" => " STABLE",
        _ => "",
    };
    format!(
        "CREATE OR REPLACE FUNCTION pg_catalog.{name}({arguments})\n RETURNS {result}\n LANGUAGE internal\n{volatility} PARALLEL SAFE\n\
         AS $function${name}$function$\n",
        name = weft_core::name::quote_identifier(&function.name),
        arguments = arguments(function),
        result = function.result,
    )
}
