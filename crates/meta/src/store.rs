//! The open database: its pool, its migrations, its repositories.

use crate::catalogs::Catalogs;
use crate::error::{Failure, classify};
use crate::jobs::Jobs;
use crate::roles::Roles;
use crate::scans::Scans;
use crate::schedules::Schedules;
use crate::secrets::Secrets;
use crate::vault::Vault;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use weft_core::{Error, ErrorKind, Result};

/// Connections to the file: SQLite writes one at a time, reads are short.
const MAX_CONNECTIONS: u32 = 4;

/// A statement that waits longer for a connection or a lock fails.
const WAIT: Duration = Duration::from_secs(10);

/// The metadata store.
pub struct Metastore {
    pool: SqlitePool,
    path: PathBuf,
    vault: Vault,
}

impl Metastore {
    /// Opens the file, creating it with mode 0600, and brings it to the newest migration. `key_file` has the master key of the secrets in it, and is
    /// created with the first one.
    pub async fn open_sqlite(path: &Path, key_file: &Path) -> Result<Arc<Metastore>> {
        let _lock = lock(path).await?;
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
            .map_err(|e| classify(e, path))?;
        sqlx::migrate!("../../migrations/sqlite").run(&pool).await.map_err(|e| migration_error(e, path))?;
        let mut connection = pool.acquire().await.map_err(|e| classify(e, path))?;
        let vault = Vault::open(key_file, &mut connection).await.map_err(|e| told(e, path))?;
        drop(connection);
        Ok(Arc::new(Metastore { pool, path: path.to_owned(), vault }))
    }

    /// Closes the file once running statements are done.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Who may log in.
    pub fn roles(&self) -> Roles<'_> {
        Roles { store: self }
    }

    /// Which sources there are.
    pub fn catalogs(&self) -> Catalogs<'_> {
        Catalogs { store: self }
    }

    /// Long work.
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs { store: self }
    }

    /// Statements that are run at certain times.
    pub fn schedules(&self) -> Schedules<'_> {
        Schedules { store: self }
    }

    /// What is known of the insides of sources.
    pub fn scans(&self) -> Scans<'_> {
        Scans { store: self }
    }

    /// The values that catalogs use by a name.
    pub fn secrets(&self) -> Secrets<'_> {
        Secrets { store: self }
    }

    /// Puts a new master key in force and encrypts every secret under it; tells how many values there were. It is done to its end even if nobody waits
    /// for it any more.
    pub async fn rotate_key(self: &Arc<Self>) -> Result<u64> {
        let store = Arc::clone(self);
        let rotated = tokio::spawn(async move { store.vault.rotate(&store.pool).await.map_err(|e| store.told(e)) });
        rotated.await.map_err(|e| Error::internal("the change of the master key broke off").with_source(e))?
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// A transaction that may write: it waits for other writers at once, so that it cannot fail after it has read.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }

    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    pub(crate) fn classify(&self, error: sqlx::Error) -> Error {
        classify(error, &self.path)
    }

    pub(crate) fn told(&self, failure: Failure) -> Error {
        told(failure, &self.path)
    }
}

fn told(failure: Failure, path: &Path) -> Error {
    match failure {
        Failure::Database(error) => classify(error, path),
        Failure::Told(error) => error,
    }
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

fn migration_error(error: sqlx::migrate::MigrateError, path: &Path) -> Error {
    use sqlx::migrate::MigrateError;
    match error {
        MigrateError::VersionMissing(version) => Error::new(
            ErrorKind::ObjectNotInPrerequisiteState,
            format!("the metadata store {} was written by a newer Weft", path.display()),
        )
        .with_detail(format!("It has migration {version}, which this program does not know."))
        .with_hint("Run the newer program, or restore a backup that this one has made."),
        MigrateError::Execute(inner) | MigrateError::ExecuteMigration(inner, _) => classify(inner, path),
        other => Error::new(
            ErrorKind::DataCorrupted,
            format!("the metadata store {} cannot be migrated: {other}", path.display()),
        )
        .with_source(other),
    }
}
