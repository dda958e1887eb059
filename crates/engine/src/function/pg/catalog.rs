//! Comments: `obj_description`, `col_description`, `shobj_description`.

use super::value::Value;
use super::{Spec, strict};
use weft_core::pgtype::TEXT;

pub(super) const SPECS: &[Spec] = &[
    strict("obj_description", &[&["oid", "name"], &["oid"]], &TEXT, |d, a| Ok(Value::text(d.comment(a[0].int()?)))),
    strict("col_description", &[&["oid", "int4"]], &TEXT, |d, a| {
        Ok(d.column_comment(a[0].int()?, a[1].int()?).map_or(Value::Null, Value::Text))
    }),
    strict("shobj_description", &[&["oid", "name"]], &TEXT, |d, a| {
        let oid = a[0].int()?;
        let database = d.databases().iter().find(|b| i64::from(b.oid.0) == oid && a[1].as_text() == "pg_database");
        Ok(Value::text(database.and_then(|b| b.comment.as_deref())))
    }),
];
