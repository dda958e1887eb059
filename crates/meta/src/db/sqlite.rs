//! Opening the file: private, locked while it is created and migrated.

use crate::error::{Place, classify, migration};
use sqlx::SqlitePool;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;
use weft_core::{Error, ErrorKind, Result};

/// Connections to the file: SQLite writes one at a time, reads are short.
const MAX_CONNECTIONS: u32 = 4;

/// A statement that waits longer for a connection or a lock fails.
const WAIT: Duration = Duration::from_secs(10);

/// Opens the file, creating it with mode 0600, and brings it to the newest migration. The lock keeps others from opening it.
pub(super) async fn open(path: &Path, place: &Place) -> Result<(SqlitePool, File)> {
    let lock = lock(path).await?;
    make_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is deleted is overwritten: it may have been a secret under a key that is no longer trusted.
        .pragma("secure_delete", "ON")
        .busy_timeout(WAIT);
    let pool = SqlitePoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(WAIT)
        .connect_with(options)
        .await
        .map_err(|e| classify(e, place))?;
    migrator().run(&pool).await.map_err(|e| migration(e, place))?;
    Ok((pool, lock))
}

pub(super) fn migrator() -> Migrator {
    sqlx::migrate!("../../migrations/sqlite")
}

/// Held while the file is created and migrated: SQLite's journal mode and sqlx's migrations both fail if two processes do that at once. The lock is on
/// a file of its own, because closing the database's file here would release the locks that SQLite holds on it for another open of this process.
async fn lock(path: &Path) -> Result<File> {
    let beside = path.with_added_extension("lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(beside)?;
        file.lock().map(|()| file)
    });
    match locked.await {
        Ok(done) => done.map_err(|e| io_error(e, path)),
        Err(e) => Err(Error::internal("the lock of the metadata store was not waited for").with_source(e)),
    }
}

/// The file holds verifiers of passwords: nobody else may read it.
fn make_private(path: &Path) -> Result<()> {
    match OpenOptions::new().create_new(true).write(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(io_error(e, path)),
    }
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(|e| io_error(e, path))
}

fn io_error(error: std::io::Error, path: &Path) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull => ErrorKind::DiskFull,
        _ => ErrorKind::IoError,
    };
    Error::new(kind, format!("the metadata store {} cannot be opened: {error}", path.display())).with_source(error)
}
