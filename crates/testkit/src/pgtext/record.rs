//! Composite values: the number of columns, then the type and the value of each.

use super::{Bytes, array};
use crate::{Error, Result};
use tokio_postgres::types::Type;

/// Reads a composite value and prints it as `(…)`.
pub(super) fn record(bytes: &mut Bytes<'_>) -> Result<String> {
    let columns = (0..bytes.int32()?).map(|_| {
        let oid = bytes.int32()? as u32;
        let ty = Type::from_oid(oid).ok_or_else(|| Error::new(format!("a column of the unknown type {oid}")))?;
        Ok(array::value(&ty, bytes)?.map(|value| quoted(&value)))
    });
    joined(columns)
}

/// The columns in parentheses.
pub(super) fn joined(columns: impl Iterator<Item = Result<Option<String>>>) -> Result<String> {
    let columns = columns.map(|column| Ok(column?.unwrap_or_default())).collect::<Result<Vec<_>>>()?;
    Ok(format!("({})", columns.join(",")))
}

/// A column's text, in quotes where it needs some.
pub(super) fn quoted(value: &str) -> String {
    let special = |c: char| matches!(c, '"' | '\\' | '(' | ')' | ',' | ' ' | '\t'..='\r');
    if !value.is_empty() && !value.contains(special) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\"\""))
}
