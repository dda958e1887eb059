//! A statement with its parameters, to be run on a pool or in a transaction of either database.

use super::{Pool, Row};
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Encode, PgConnection, Postgres, Sqlite, SqliteConnection, Type};

/// The text of a statement. Values are never part of it.
#[derive(Clone, Copy)]
pub(crate) struct Sql {
    /// As SQLite takes it.
    pub(crate) sqlite: &'static str,
    /// As PostgreSQL takes it.
    pub(crate) postgres: &'static str,
}

impl Sql {
    /// A text for a file only.
    pub(crate) const fn sqlite(text: &'static str) -> Sql {
        Sql { sqlite: text, postgres: "" }
    }
}

impl From<&'static str> for Sql {
    /// A text that both take.
    fn from(both: &'static str) -> Self {
        Sql { sqlite: both, postgres: both }
    }
}

/// What a value must be able to do to be a parameter.
pub(crate) trait Value<'t>: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres> {}

impl<'t, T: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>> Value<'t> for T {}

/// Where a statement runs.
pub(super) enum Target<'c> {
    /// On any connection.
    Pool(&'c Pool),
    /// On this one.
    Sqlite(&'c mut SqliteConnection),
    /// On this one.
    Postgres(&'c mut PgConnection),
}

enum Bound {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

/// A statement with its parameters.
#[must_use = "a statement does nothing until it is run"]
pub(crate) struct Query<'c> {
    target: Target<'c>,
    sql: &'static str,
    bound: Result<Bound, BoxDynError>,
}

/// Runs the method of sqlx of this name on whatever connection there is; the first arm of the result is for SQLite.
macro_rules! run {
    ($self:ident, $method:ident, |$done:ident| $sqlite:expr, $postgres:expr) => {{
        match ($self.bound.map_err(sqlx::Error::Encode)?, $self.target) {
            (Bound::Sqlite(bound), Target::Pool(Pool::Sqlite(pool))) => {
                let $done = sqlx::query_with($self.sql, bound).$method(pool).await?;
                Ok($sqlite)
            }
            (Bound::Sqlite(bound), Target::Sqlite(connection)) => {
                let $done = sqlx::query_with($self.sql, bound).$method(connection).await?;
                Ok($sqlite)
            }
            (Bound::Postgres(bound), Target::Pool(Pool::Postgres(pool))) => {
                let $done = sqlx::query_with($self.sql, bound).$method(pool).await?;
                Ok($postgres)
            }
            (Bound::Postgres(bound), Target::Postgres(connection)) => {
                let $done = sqlx::query_with($self.sql, bound).$method(connection).await?;
                Ok($postgres)
            }
            _ => Err(sqlx::Error::InvalidArgument("the parameters are another database's".to_owned())),
        }
    }};
}

impl<'c> Query<'c> {
    pub(super) fn sqlite(target: Target<'c>, sql: Sql) -> Query<'c> {
        Query { target, sql: sql.sqlite, bound: Ok(Bound::Sqlite(SqliteArguments::default())) }
    }

    pub(super) fn postgres(target: Target<'c>, sql: Sql) -> Query<'c> {
        Query { target, sql: sql.postgres, bound: Ok(Bound::Postgres(PgArguments::default())) }
    }

    /// The value of the next parameter.
    pub(crate) fn bind<'t>(mut self, value: impl Value<'t>) -> Query<'c> {
        let added = match &mut self.bound {
            Ok(Bound::Sqlite(bound)) => Arguments::add(bound, value),
            Ok(Bound::Postgres(bound)) => Arguments::add(bound, value),
            Err(_) => return self,
        };
        if let Err(error) = added {
            self.bound = Err(error);
        }
        self
    }

    /// Runs it; tells how many rows it changed.
    pub(crate) async fn execute(self) -> Result<u64, sqlx::Error> {
        run!(self, execute, |done| done.rows_affected(), done.rows_affected())
    }

    /// All of its rows.
    pub(crate) async fn fetch_all(self) -> Result<Vec<Row>, sqlx::Error> {
        run!(
            self,
            fetch_all,
            |rows| rows.into_iter().map(Row::Sqlite).collect(),
            rows.into_iter().map(Row::Postgres).collect()
        )
    }

    /// Its first row.
    pub(crate) async fn fetch_optional(self) -> Result<Option<Row>, sqlx::Error> {
        run!(self, fetch_optional, |row| row.map(Row::Sqlite), row.map(Row::Postgres))
    }

    /// Its first row, which must be there.
    pub(crate) async fn fetch_one(self) -> Result<Row, sqlx::Error> {
        self.fetch_optional().await?.ok_or(sqlx::Error::RowNotFound)
    }
}
