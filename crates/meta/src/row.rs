//! Columns of rows as the house's types.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::BTreeMap;
use uuid::Uuid;
use weft_core::{Error, Result};

/// The column `id`.
pub(crate) fn id(row: &SqliteRow) -> Result<Uuid, sqlx::Error> {
    uuid(row, "id")
}

/// A column that holds an id.
pub(crate) fn uuid(row: &SqliteRow, column: &str) -> Result<Uuid, sqlx::Error> {
    let text: String = row.try_get(column)?;
    Uuid::parse_str(&text).map_err(|e| decode(column, e))
}

/// A column that holds a JSON object of texts.
pub(crate) fn map(row: &SqliteRow, column: &str) -> Result<BTreeMap<String, String>, sqlx::Error> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|e| decode(column, e))
}

/// Such an object's text.
pub(crate) fn json(map: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(map).map_err(|e| Error::internal("options are no JSON").with_source(e))
}

fn decode(column: &str, error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(error) }
}
