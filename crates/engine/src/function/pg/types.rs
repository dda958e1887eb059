//! `format_type` and the names of types.
//!
//! Source: PostgreSQL `format_type.c`.

use super::value::Value;
use super::{Spec, seen, strict};
use weft_core::pgtype::{ColumnType, REGTYPE, SCALARS, TEXT};

pub(super) const SPECS: &[Spec] = &[
    seen("format_type", &[&["oid", "int4"]], &TEXT, |_, a| {
        if a[0] == Value::Null {
            return Ok(Value::Null);
        }
        let modifier = if a[1] == Value::Null { None } else { Some(a[1].int()?) };
        Ok(Value::Text(type_name(a[0].int()?, modifier)))
    }),
    strict("to_regtype", &[&["text"]], &REGTYPE, |_, a| {
        Ok(find(&a[0].as_text()).map_or(Value::Null, |t| Value::Int(i64::from(t.oid()))))
    }),
];

/// The type with this number and modifier, as SQL spells it.
pub(super) fn type_name(oid: i64, modifier: Option<i64>) -> String {
    if oid == 0 {
        return "-".to_owned();
    }
    match u32::try_from(oid).ok().and_then(ColumnType::from_oid) {
        None => "???".to_owned(),
        Some(ColumnType::Scalar(t)) => with_modifier(t.name, t.sql_name, modifier),
        Some(ColumnType::Array(t)) => format!("{}[]", with_modifier(t.name, t.sql_name, modifier)),
    }
}

fn with_modifier(name: &str, sql_name: &str, modifier: Option<i64>) -> String {
    match (name, modifier) {
        ("bpchar", Some(m)) if m < 4 => "bpchar".to_owned(),
        (_, None) => sql_name.to_owned(),
        (_, Some(m)) if m < 0 => sql_name.to_owned(),
        ("numeric", Some(m)) if m >= 4 => format!("numeric({},{})", ((m - 4) >> 16) & 0xffff, (m - 4) & 0xffff),
        ("varchar" | "bpchar", Some(m)) if m >= 4 => format!("{sql_name}({})", m - 4),
        ("time" | "timetz" | "timestamp" | "timestamptz", Some(m)) => match sql_name.split_once(' ') {
            Some((first, rest)) => format!("{first}({m}) {rest}"),
            None => format!("{sql_name}({m})"),
        },
        ("interval", Some(m)) if m & 0xffff != 0xffff => format!("interval({})", m & 0xffff),
        ("bit" | "varbit", Some(m)) => format!("{sql_name}({m})"),
        _ => sql_name.to_owned(),
    }
}

/// The type of this name, in `pg_type` or in SQL.
pub(super) fn find(name: &str) -> Option<ColumnType> {
    let name = name.trim();
    let name = name.strip_prefix("pg_catalog.").unwrap_or(name);
    let (base, array) = match name.strip_suffix("[]") {
        Some(base) => (base.trim(), true),
        None => match name.strip_prefix('_').filter(|base| SCALARS.iter().any(|t| t.name == *base)) {
            Some(base) => (base, true),
            None => (name, false),
        },
    };
    let folded = base.to_lowercase();
    let plain = folded.split('(').next().unwrap_or(&folded).trim();
    let alias = match plain {
        "int" => "int4",
        "decimal" | "dec" => "numeric",
        "float" => "float8",
        "timestamp" => "timestamp",
        "varchar" => "varchar",
        "char" if base != "\"char\"" => "bpchar",
        "\"char\"" => "char",
        other => other,
    };
    let found = SCALARS.iter().find(|t| t.name == alias || t.sql_name == alias)?;
    Some(if array { ColumnType::Array(found) } else { ColumnType::Scalar(found) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_postgresql_prints_them() {
        assert_eq!(type_name(1700, Some(((10 << 16) | 2) + 4)), "numeric(10,2)");
        assert_eq!(type_name(1043, Some(24)), "character varying(20)");
        assert_eq!(type_name(1114, Some(3)), "timestamp(3) without time zone");
        assert_eq!(type_name(1007, None), "integer[]");
        assert_eq!(type_name(1042, Some(-1)), "bpchar");
        assert_eq!(type_name(999_999, None), "???");
        assert_eq!(find("INT[]").map(ColumnType::oid), Some(1007));
        assert_eq!(find("pg_catalog._text").map(ColumnType::oid), Some(1009));
        assert_eq!(find("double precision").map(ColumnType::oid), Some(701));
    }
}
