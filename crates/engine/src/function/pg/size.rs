//! Sizes, as far as the snapshot knows them.

use super::reg::relation;
use super::value::Value;
use super::{Spec, strict};
use crate::system::directory::Directory;
use weft_core::pgtype::{INT8, TEXT};
use weft_core::{Error, ErrorKind, Result};

pub(super) const SPECS: &[Spec] = &[
    strict("pg_size_pretty", &[&["int8"], &["numeric"]], &TEXT, |_, a| {
        let text = a[0].as_text();
        let whole = text.split('.').next().unwrap_or(&text);
        let bytes = whole.parse().map_err(|_| {
            Error::new(
                ErrorKind::InvalidTextRepresentation,
                format!("invalid input syntax for type bigint: \"{text}\""),
            )
        })?;
        Ok(Value::Text(pretty(bytes)))
    }),
    strict("pg_table_size", &[&["regclass"]], &INT8, relation_size),
    strict("pg_total_relation_size", &[&["regclass"]], &INT8, relation_size),
    strict("pg_relation_size", &[&["regclass", "text"], &["regclass"]], &INT8, relation_size),
    strict("pg_indexes_size", &[&["regclass"]], &INT8, |_, _| Ok(Value::Int(0))),
    // Only the current catalog is looked into: a list of catalogs must not open every source.
    strict("pg_database_size", &[&["oid"], &["name"]], &INT8, |d, a| {
        let asked = a[0].as_text();
        let named = d.databases().iter().find(|b| b.name == asked || i64::from(b.oid.0).to_string() == asked);
        match named {
            None => Err(Error::new(ErrorKind::UndefinedCatalog, format!("database \"{asked}\" does not exist"))),
            Some(b) if b.name == d.catalog() => Ok(Value::Int(d.bytes())),
            Some(_) => Ok(Value::Null),
        }
    }),
    strict("pg_tablespace_size", &[&["oid"], &["name"]], &INT8, |_, _| Ok(Value::Null)),
    strict("pg_tablespace_location", &[&["oid"]], &TEXT, |_, _| Ok(Value::Text(String::new()))),
    strict("pg_relation_filenode", &[&["regclass"]], &weft_core::pgtype::OID, |_, _| Ok(Value::Null)),
    strict("pg_relation_filepath", &[&["regclass"]], &TEXT, |_, _| Ok(Value::Null)),
];

fn relation_size(directory: &Directory, a: &[Value]) -> Result<Value> {
    let oid = match &a[0] {
        Value::Text(name) if name.parse::<i64>().is_err() => match relation(directory, name) {
            Some(oid) => oid,
            None => return Err(Error::new(ErrorKind::UndefinedTable, format!("relation \"{name}\" does not exist"))),
        },
        number => number.int()?,
    };
    let table = directory.relation(oid);
    Ok(table.map_or(Value::Null, |t| Value::Int(i64::try_from(t.bytes.unwrap_or(0)).unwrap_or(i64::MAX))))
}

/// Source: PostgreSQL `dbsize.c`: the next unit from 10240 on, rounded half away from zero.
fn pretty(bytes: i64) -> String {
    const UNITS: [&str; 6] = ["bytes", "kB", "MB", "GB", "TB", "PB"];
    let (negative, mut size) = (bytes < 0, bytes.unsigned_abs());
    let mut unit = 0;
    // One more bit is kept for rounding.
    while unit + 1 < UNITS.len() && size >= if unit == 0 { 10 * 1024 } else { 2 * 10 * 1024 - 1 } {
        size >>= if unit == 0 { 9 } else { 10 };
        unit += 1;
    }
    if unit > 0 {
        size = size.div_ceil(2);
    }
    format!("{}{size} {}", if negative { "-" } else { "" }, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn as_postgresql_rounds() {
        let sizes = [0, 10_239, 10_240, 7_633_920, 10_484_736, 10_485_760, -20_480];
        assert_eq!(sizes.map(pretty), ["0 bytes", "10239 bytes", "10 kB", "7455 kB", "10239 kB", "10 MB", "-20 kB"]);
    }
}
