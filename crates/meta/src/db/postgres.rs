//! Connecting to the server: how sessions are set up, migrations under sqlx's advisory lock, and the locks by which gateways write one after another.

use crate::error::{Place, away};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, Postgres, Transaction};
use std::str::FromStr;
use std::time::Duration;
use weft_core::{Error, ErrorKind, Result, Secret};

/// Connections of one gateway to the server.
const MAX_CONNECTIONS: u32 = 8;

/// A statement that waits longer for a connection fails, and the server is asked whether it is there at all.
const WAIT: Duration = Duration::from_secs(2);

/// Migrations may have much to rewrite, and wait for those of another gateway.
const MIGRATIONS: Duration = Duration::from_secs(600);

/// What every session begins with. A statement that waits longer than this for a lock, or takes longer than this at all, fails; a gateway that stops in
/// the middle of a transaction gives its locks back.
const SESSION: &str = "SET search_path = system, manager, metadata; SET TimeZone = 'UTC'; SET client_min_messages = warning; \
     SET lock_timeout = '10s'; SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'";

/// Held by a transaction that writes.
const WRITERS: i64 = 0x5765_6674_0001;

/// Held by who reads the master key file to change it.
const KEYS: i64 = 0x5765_6674_0002;

/// The server that a URL names. What is wrong with it is told without repeating it: it has a password.
pub(super) fn read(url: &Secret) -> Result<(PgConnectOptions, Place)> {
    let scheme = url.expose().split("://").next().unwrap_or_default();
    let options = match PgConnectOptions::from_str(url.expose()) {
        Ok(options) if matches!(scheme, "postgres" | "postgresql") => options,
        _ => {
            let message = "the address of the metadata store is not a URL of PostgreSQL";
            return Err(Error::new(ErrorKind::InvalidParameterValue, message)
                .with_hint("It is written as postgres://user:password@host:port/database."));
        }
    };
    let options = options.application_name("weft metastore").disable_statement_logging();
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    let place = Place::Server(format!("{}:{}/{database}", options.get_host(), options.get_port()));
    Ok((options, place))
}

/// Whether the server answers now, on a connection of its own.
pub(super) async fn answers(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let asking = async {
        let mut connection = PgConnection::connect_with(options).await?;
        sqlx::query("SELECT 1").execute(&mut connection).await?;
        connection.close().await
    };
    tokio::time::timeout(WAIT, asking).await.unwrap_or_else(|_| Err(away()))
}

/// Connections, made when they are wanted.
pub(super) fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(WAIT)
        .after_connect(|connection, _| {
            Box::pin(async move { sqlx::raw_sql(SESSION).execute(connection).await.map(|_| ()) })
        })
        .connect_lazy_with(options)
}

/// Brings the database to the newest migration, on a connection that may take its time.
pub(super) async fn migrate(options: &PgConnectOptions) -> Result<(), MigrateError> {
    let connect = tokio::time::timeout(WAIT, PgConnection::connect_with(options));
    let mut connection = connect.await.map_err(|_| MigrateError::Execute(away()))??;
    let migrator = migrator();
    let migrated = tokio::time::timeout(MIGRATIONS, migrator.run_direct(None, &mut connection, false));
    migrated.await.map_err(|_| MigrateError::Execute(sqlx::Error::PoolTimedOut))??;
    let _ = tokio::time::timeout(WAIT, connection.close()).await;
    Ok(())
}

pub(super) fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("../../migrations/postgres");
    migrator.create_schema("system");
    migrator.dangerous_set_table_name("system.migrations");
    migrator
}

/// Waits until no other transaction writes, whichever gateway's it is, and keeps others from it: as SQLite has it.
pub(super) async fn wait_for_writers(transaction: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    lock(transaction, WRITERS).await
}

/// Waits until no other gateway changes the master key.
pub(super) async fn wait_for_keys(transaction: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    lock(transaction, KEYS).await
}

async fn lock(transaction: &mut Transaction<'_, Postgres>, key: i64) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(key).execute(&mut **transaction).await.map(|_| ())
}

/// A connection on which announcements are heard.
pub(crate) struct Listener(PgListener);

impl Listener {
    /// Nothing if the server does not answer in time.
    pub(super) async fn new(pool: &PgPool, name: &str) -> Option<Listener> {
        let listening = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.ignore_pool_close_event(false);
            listener.listen(name).await?;
            Ok::<_, sqlx::Error>(Listener(listener))
        };
        tokio::time::timeout(WAIT, listening).await.ok()?.ok()
    }

    /// Waits for the next announcement; an error if the connection is lost.
    pub(crate) async fn heard(&mut self) -> Result<(), sqlx::Error> {
        match self.0.try_recv().await? {
            Some(_) => Ok(()),
            None => Err(crate::error::away()),
        }
    }
}
