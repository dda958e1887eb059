//! `pg_…_is_visible`: whether a bare name finds the object.

use super::value::Value;
use super::{Spec, strict};
use crate::system::directory::{Directory, PG_CATALOG_OID};
use weft_core::Result;
use weft_core::pgtype::{BOOL, ColumnType, OID};

/// Objects of these kinds are PostgreSQL's own, in `pg_catalog`, which is always looked up.
fn always(_: &Directory, _: &[Value]) -> Result<Value> {
    Ok(Value::Bool(true))
}

pub(super) const SPECS: &[Spec] = &[
    strict("pg_table_is_visible", &[&["oid"]], &BOOL, |d, a| {
        Ok(d.is_visible(a[0].int()?).map_or(Value::Null, Value::Bool))
    }),
    strict("pg_type_is_visible", &[&["oid"]], &BOOL, |_, a| {
        let known = u32::try_from(a[0].int()?).ok().and_then(ColumnType::from_oid);
        Ok(known.map_or(Value::Null, |_| Value::Bool(true)))
    }),
    strict("pg_function_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_operator_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_opclass_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_opfamily_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_collation_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_conversion_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_statistics_obj_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_ts_config_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_ts_dict_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_ts_parser_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_ts_template_is_visible", &[&["oid"]], &BOOL, always),
    strict("pg_is_other_temp_schema", &[&["oid"]], &BOOL, |_, _| Ok(Value::Bool(false))),
    strict("pg_my_temp_schema", &[&[]], &OID, |_, _| Ok(Value::Int(0))),
    strict("pg_relation_is_publishable", &[&["regclass"]], &BOOL, |d, a| {
        let own = |schema: &str| {
            d.namespace_oid(schema).is_some_and(|o| o.0 != PG_CATALOG_OID) && schema != crate::views::INFORMATION_SCHEMA
        };
        Ok(d.relation(a[0].int()?).map_or(Value::Null, |t| Value::Bool(own(&t.schema))))
    }),
    strict("pg_relation_is_updatable", &[&["regclass", "bool"]], &weft_core::pgtype::INT4, |_, _| Ok(Value::Int(0))),
    strict("pg_column_is_updatable", &[&["regclass", "int2", "bool"]], &BOOL, |_, _| Ok(Value::Bool(false))),
];
