//! Comments: `obj_description`, `col_description`, `shobj_description`.

use super::value::Value;
use super::{Spec, strict};
use weft_core::pgtype::TEXT;

pub(super) const SPECS: &[Spec] = &[
    strict("obj_description", &[&["oid", "name"], &["oid"]], &TEXT, |d, a| Ok(Value::text(d.comment(a[0].int()?)))),
    strict("col_description", &[&["oid", "int4"]], &TEXT, |d, a| {
        let Some(table) = d.relation(a[0].int()?) else { return Ok(Value::Null) };
        let column = usize::try_from(a[1].int()?).ok().and_then(|n| n.checked_sub(1));
        let columns = table.columns.as_ref().map_or(&[] as &[_], Vec::as_slice);
        let comment = column.and_then(|n| columns.get(n)).and_then(|(_, comment)| comment.as_deref());
        Ok(Value::text(comment))
    }),
    strict("shobj_description", &[&["oid", "name"]], &TEXT, |d, a| {
        let oid = a[0].int()?;
        let database = d.databases().iter().find(|b| i64::from(b.oid.0) == oid && a[1].as_text() == "pg_database");
        Ok(Value::text(database.and_then(|b| b.comment.as_deref())))
    }),
];
