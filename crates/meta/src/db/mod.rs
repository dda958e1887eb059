//! One face for the two databases that can hold the state: a pool, transactions, queries with `$1` parameters, rows. Statements are written once where
//! both take them, and twice where they must differ. It must not know any table.

mod postgres;
mod query;
mod row;
mod sqlite;
mod value;

pub(crate) use postgres::Listener;
pub(crate) use query::{Query, Sql};
pub(crate) use row::Row;
pub(crate) use value::{Document, Id, now};

use crate::error::{Place, migration};
use query::Target;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool};
use std::fs::File;
use std::path::Path;
use weft_core::{Result, Secret};

/// Connections to one of the databases. A clone is the same pool.
#[derive(Clone)]
pub(crate) enum Pool {
    /// A file.
    Sqlite(SqlitePool),
    /// A server.
    Postgres(PgPool),
}

/// A transaction; it is undone unless it is committed.
pub(crate) enum Transaction {
    /// On a file.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// On a server.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Pool {
    /// Opens the file, creating it with mode 0600, and brings it to the newest migration. Others wait to open it until the last of these is dropped.
    pub(crate) async fn open_sqlite(path: &Path) -> Result<(Pool, Place, File)> {
        let place = Place::File(path.to_owned());
        let (pool, lock) = sqlite::open(path, &place).await?;
        Ok((Pool::Sqlite(pool), place, lock))
    }

    /// A server by its URL. Nobody is asked yet.
    pub(crate) fn server(url: &Secret) -> Result<(Pool, Place)> {
        let (options, place) = postgres::read(url)?;
        Ok((Pool::Postgres(postgres::pool(options)), place))
    }

    /// Brings the database of a server to the newest migration; a file is when it is opened.
    pub(crate) async fn migrate(&self, place: &Place) -> Result<()> {
        match self {
            Pool::Sqlite(_) => Ok(()),
            Pool::Postgres(pool) => postgres::migrate(&pool.connect_options()).await.map_err(|e| migration(e, place)),
        }
    }

    /// Whether the database answers now; an error if not.
    pub(crate) async fn answers(&self) -> Result<(), sqlx::Error> {
        match self {
            Pool::Sqlite(_) => Ok(()),
            Pool::Postgres(pool) => postgres::answers(&pool.connect_options()).await,
        }
    }

    /// A statement on a connection of its own.
    pub(crate) fn query(&self, sql: impl Into<Sql>) -> Query<'_> {
        match self {
            Pool::Sqlite(_) => Query::sqlite(Target::Pool(self), sql.into()),
            Pool::Postgres(_) => Query::postgres(Target::Pool(self), sql.into()),
        }
    }

    /// A transaction that may write. It waits for other writers at once, so that it cannot fail after it has read.
    pub(crate) async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        match self {
            Pool::Sqlite(pool) => Ok(Transaction::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?)),
            Pool::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                postgres::wait_for_writers(&mut transaction).await?;
                Ok(Transaction::Postgres(transaction))
            }
        }
    }

    /// A transaction that only reads: all of its statements see the same moment.
    pub(crate) async fn snapshot(&self) -> Result<Transaction, sqlx::Error> {
        match self {
            Pool::Sqlite(pool) => Ok(Transaction::Sqlite(pool.begin().await?)),
            Pool::Postgres(pool) => {
                Ok(Transaction::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?))
            }
        }
    }

    /// Keeps other gateways from changing the master key, until this is dropped. A file has one gateway: nothing is to be kept from it.
    pub(crate) async fn hold_keys(&self) -> Result<Option<Transaction>, sqlx::Error> {
        match self {
            Pool::Sqlite(_) => Ok(None),
            Pool::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                postgres::wait_for_keys(&mut transaction).await?;
                Ok(Some(Transaction::Postgres(transaction)))
            }
        }
    }

    /// Takes what was deleted out of the database's log too, as far as it can be done from here.
    pub(crate) async fn scrub(&self) -> Result<(), sqlx::Error> {
        match self {
            Pool::Sqlite(pool) => sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await.map(|_| ()),
            Pool::Postgres(_) => Ok(()),
        }
    }

    /// Whether other gateways may use the same database.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self, Pool::Postgres(_))
    }

    /// Hears what is announced under a name, if the database announces anything and can be reached.
    pub(crate) async fn listen(&self, name: &str) -> Option<Listener> {
        match self {
            Pool::Sqlite(_) => None,
            Pool::Postgres(pool) => Listener::new(pool, name).await,
        }
    }

    /// The number of the last migration that this program knows.
    pub(crate) fn layout(&self) -> i64 {
        let migrator = match self {
            Pool::Sqlite(_) => sqlite::migrator(),
            Pool::Postgres(_) => postgres::migrator(),
        };
        migrator.iter().map(|m| m.version).max().unwrap_or(0)
    }

    /// Closes it once running statements are done.
    pub(crate) async fn close(&self) {
        match self {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    /// A statement in it.
    pub(crate) fn query(&mut self, sql: impl Into<Sql>) -> Query<'_> {
        match self {
            Transaction::Sqlite(transaction) => Query::sqlite(Target::Sqlite(transaction), sql.into()),
            Transaction::Postgres(transaction) => Query::postgres(Target::Postgres(transaction), sql.into()),
        }
    }

    /// Makes it last.
    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Transaction::Sqlite(transaction) => transaction.commit().await,
            Transaction::Postgres(transaction) => transaction.commit().await,
        }
    }
}
