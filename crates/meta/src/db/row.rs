//! A row of either database.

use super::value::Id;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::types::Json;
use sqlx::{Decode, Postgres, Sqlite, Type};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a row came as.
pub(crate) enum Row {
    /// From a file.
    Sqlite(SqliteRow),
    /// From a server.
    Postgres(PgRow),
}

/// What a value must be able to do to be read from a column.
pub(crate) trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>> Column for T {}

impl Row {
    /// The value of a column.
    pub(crate) fn try_get<T: Column>(&self, column: &str) -> Result<T, sqlx::Error> {
        match self {
            Row::Sqlite(row) => sqlx::Row::try_get(row, column),
            Row::Postgres(row) => sqlx::Row::try_get(row, column),
        }
    }

    /// The column `id`.
    pub(crate) fn id(&self) -> Result<Uuid, sqlx::Error> {
        self.uuid("id")
    }

    /// A column that holds an id.
    pub(crate) fn uuid(&self, column: &str) -> Result<Uuid, sqlx::Error> {
        self.try_get::<Id>(column).map(|id| id.0)
    }

    /// A column that holds a JSON object of texts.
    pub(crate) fn map(&self, column: &str) -> Result<BTreeMap<String, String>, sqlx::Error> {
        self.try_get::<Json<_>>(column).map(|json| json.0)
    }
}
