//! The journal: statements that change definitions, kept in a file of this gateway while the server of the metadata store is away, to be done when it is
//! back. Each is done at most once, for the change writes the statement's id down in its own transaction. It must not know what a statement means.

use crate::db::{Id, Pool, Row, Transaction, now};
use crate::error::{Failure, Place};
use crate::store::Metastore;
use crate::vault::Sealed;
use crate::versions::Part;
use chrono::{DateTime, TimeDelta, Utc};
use std::path::Path;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result, Secret};

/// The longest statement that is kept, in bytes.
const MAX_STATEMENT: usize = 256 << 10;

/// How long it is told what became of a statement.
const TOLD: TimeDelta = TimeDelta::days(30);

/// What the sealed text is called to the vault.
const SEALED_AS: &str = "journalled statement";

tokio::task_local! {
    /// The statement of the journal that is being done. It belongs to the task, and not to a session or a store, because what writes is far from what
    /// replays, and everything in between has nothing to do with it.
    static DOING: Uuid;
}

/// The file.
pub(crate) struct JournalFile {
    db: Pool,
    place: Place,
    /// The most statements that wait in it.
    most: usize,
}

impl JournalFile {
    pub(crate) async fn open(path: &Path, most: usize) -> Result<JournalFile> {
        let (db, place, _lock) = Pool::open_sqlite(path).await?;
        Ok(JournalFile { db, place, most })
    }

    pub(crate) async fn close(&self) {
        self.db.close().await;
    }
}

/// A statement to be kept.
pub struct NewEntry<'a> {
    /// Its text.
    pub statement: &'a str,
    /// Its text without what is secret in it.
    pub shown: &'a str,
    /// Who gave it.
    pub user: &'a str,
    /// The current catalog.
    pub catalog: &'a str,
    /// The schemas in which names are looked up, as `search_path` has them.
    pub search_path: &'a str,
}

/// A statement that waits to be done.
pub struct PendingEntry {
    /// Its id.
    pub id: Uuid,
    /// Its text; an error if the key is gone under which it was sealed.
    pub statement: Result<Secret>,
    /// Who gave it.
    pub user: String,
    /// The current catalog.
    pub catalog: String,
    /// The schemas in which names are looked up.
    pub search_path: String,
    /// The newest version of the content that was known.
    pub version: i64,
}

/// A statement and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRecord {
    /// Its id.
    pub id: Uuid,
    /// Its text without what is secret in it.
    pub statement: String,
    /// Who gave it.
    pub user: String,
    /// When.
    pub journalled_at: DateTime<Utc>,
    /// `pending`, `applied` or `conflict`.
    pub state: String,
    /// Why it could not be done.
    pub error: Option<String>,
    /// When it was done or tried.
    pub applied_at: Option<DateTime<Utc>>,
}

/// How many statements there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JournalCounts {
    /// That wait.
    pub pending: i64,
    /// That could not be done.
    pub conflicts: i64,
}

/// The journal of this gateway.
pub struct Journal<'m> {
    pub(crate) store: &'m Metastore,
    pub(crate) file: &'m JournalFile,
}

impl Journal<'_> {
    /// Keeps a statement; it is on the disk when this returns. 53400 if too many wait already.
    pub async fn append(&self, new: &NewEntry<'_>) -> Result<()> {
        if new.statement.len() > MAX_STATEMENT {
            let message = format!("a statement of more than {MAX_STATEMENT} bytes is not journalled");
            return Err(Error::new(ErrorKind::ProgramLimitExceeded, message)
                .with_hint("Repeat it when the metadata store is back."));
        }
        let id = Uuid::now_v7();
        let sealed = self.store.vault().ring().await?.seal(id, SEALED_AS, &Secret::new(new.statement))?;
        let version = self.store.versions().newest().await?;
        let appended = async {
            let mut transaction = self.file.db.begin().await?;
            let waiting: i64 = transaction
                .query("SELECT count(*) AS n FROM journal WHERE state = 'pending'")
                .fetch_one()
                .await?
                .try_get("n")?;
            if usize::try_from(waiting).is_ok_and(|waiting| waiting >= self.file.most) {
                return Err(full(self.file.most).into());
            }
            transaction
                .query(
                    "INSERT INTO journal (id, user_name, catalog_name, search_path, statement, key_id, nonce, ciphertext, version, state, \
                     journalled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10)",
                )
                .bind(Id(id))
                .bind(new.user)
                .bind(new.catalog)
                .bind(new.search_path)
                .bind(new.shown)
                .bind(&sealed.key_id)
                .bind(&sealed.nonce)
                .bind(&sealed.ciphertext)
                .bind(version)
                .bind(now())
                .execute()
                .await?;
            forget_old(&mut transaction, self.file.most).await?;
            Ok::<_, Failure>(transaction.commit().await?)
        };
        appended.await.map_err(|e| e.told(&self.file.place))
    }

    /// The first statement that waits.
    pub async fn next(&self) -> Result<Option<PendingEntry>> {
        let sql = "SELECT * FROM journal WHERE state = 'pending' ORDER BY number LIMIT 1";
        let Some(row) = self.in_file(self.file.db.query(sql).fetch_optional().await)? else { return Ok(None) };
        let id = self.in_file(row.id())?;
        let sealed = self.in_file(sealed(&row))?;
        let statement = self.store.vault().ring().await?.open(id, SEALED_AS, &sealed);
        let entry = || -> Result<PendingEntry, sqlx::Error> {
            Ok(PendingEntry {
                id,
                statement,
                user: row.try_get("user_name")?,
                catalog: row.try_get("catalog_name")?,
                search_path: row.try_get("search_path")?,
                version: row.try_get("version")?,
            })
        };
        self.in_file(entry()).map(Some)
    }

    /// Writes down that a statement was done, or why it could not be. What is secret in it is forgotten.
    pub async fn end(&self, id: Uuid, error: Option<&Error>) -> Result<()> {
        let state = if error.is_some() { "conflict" } else { "applied" };
        let error = error.map(|e| match e.detail() {
            Some(detail) => format!("{}: {} ({detail})", e.kind().sqlstate(), e.message()),
            None => format!("{}: {}", e.kind().sqlstate(), e.message()),
        });
        let ended = async {
            let mut transaction = self.file.db.begin().await?;
            transaction
                .query(
                    "UPDATE journal SET state = $2, error = $3, applied_at = $4, key_id = NULL, nonce = NULL, ciphertext = NULL WHERE id = $1",
                )
                .bind(Id(id))
                .bind(state)
                .bind(error)
                .bind(now())
                .execute()
                .await?;
            forget_old(&mut transaction, self.file.most).await?;
            transaction.commit().await
        };
        self.in_file(ended.await)
    }

    /// Every statement, the newest first.
    pub async fn list(&self) -> Result<Vec<JournalRecord>> {
        let rows = self.file.db.query("SELECT * FROM journal ORDER BY number DESC").fetch_all().await;
        let rows = rows.and_then(|rows| rows.iter().map(read).collect::<Result<_, _>>());
        self.in_file(rows)
    }

    /// How many there are.
    pub async fn counts(&self) -> Result<JournalCounts> {
        let sql = "SELECT coalesce(sum(state = 'pending'), 0) AS pending, coalesce(sum(state = 'conflict'), 0) AS conflicts FROM journal";
        let row = self.file.db.query(sql).fetch_one().await;
        let counts = row.and_then(|row| {
            Ok(JournalCounts { pending: row.try_get("pending")?, conflicts: row.try_get("conflicts")? })
        });
        self.in_file(counts)
    }

    /// Whether the server has the statement's change already: a crash came between that and its note here. Only the server is asked.
    pub async fn is_done(&self, id: Uuid) -> Result<bool> {
        let done = |db: Pool| async move {
            let sql = "SELECT count(*) AS n FROM journalled WHERE id = $1";
            let n: i64 = db.query(sql).bind(Id(id)).fetch_one().await?.try_get("n")?;
            Ok(n > 0)
        };
        self.store.write(done).await
    }

    /// Who has changed an object since a version, if it was not this or another journal's statement.
    pub async fn changed_since(&self, version: i64, part: Part, object: &str) -> Result<Option<String>> {
        let changed = |db: Pool| async move {
            let sql = "SELECT changed_by FROM versions WHERE number > $1 AND part = $2 AND object = $3 \
                       AND number NOT IN (SELECT number FROM journalled) ORDER BY number DESC LIMIT 1";
            let row = db.query(sql).bind(version).bind(part.to_string()).bind(object).fetch_optional().await?;
            Ok(row.map(|row| row.try_get("changed_by")).transpose()?)
        };
        self.store.write(changed).await
    }

    fn in_file<T>(&self, done: Result<T, sqlx::Error>) -> Result<T> {
        done.map_err(|e| Failure::from(e).told(&self.file.place))
    }
}

/// Does the work as that of a statement of the journal: what it writes is marked with its id.
pub async fn as_entry<T>(id: Uuid, work: impl Future<Output = T>) -> T {
    DOING.scope(id, work).await
}

/// The work, to be done by another task, as that of the statement of the journal that this task is doing, if it is doing one.
pub fn carried<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let doing = DOING.try_with(|id| *id).ok();
    async move {
        match doing {
            Some(id) => DOING.scope(id, work).await,
            None => work.await,
        }
    }
}

/// Marks the newest version as made by the statement of the journal that is being done, if one is.
pub(crate) async fn mark(transaction: &mut Transaction) -> Result<(), Failure> {
    let Ok(id) = DOING.try_with(|id| *id) else { return Ok(()) };
    transaction
        .query("INSERT INTO journalled (id, number, applied_at) SELECT $1, max(number), $2 FROM versions")
        .bind(Id(id))
        .bind(now())
        .execute()
        .await?;
    transaction.query("DELETE FROM journalled WHERE applied_at < $1").bind(now() - TOLD).execute().await?;
    Ok(())
}

/// What has an end is told for some time, and of no more statements than may wait.
async fn forget_old(transaction: &mut Transaction, most: usize) -> Result<(), sqlx::Error> {
    transaction
        .query(
            "DELETE FROM journal WHERE state <> 'pending' AND (applied_at < $1 OR number NOT IN \
             (SELECT number FROM journal WHERE state <> 'pending' ORDER BY number DESC LIMIT $2))",
        )
        .bind(now() - TOLD)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .execute()
        .await
        .map(|_| ())
}

fn full(most: usize) -> Error {
    Error::new(ErrorKind::ConfigurationLimitExceeded, format!("the journal has {most} statements that wait"))
        .with_detail("The metadata store is away.")
        .with_hint("Repeat the statement when it is back, or raise metastore_journal_entries.")
}

fn sealed(row: &Row) -> Result<Sealed, sqlx::Error> {
    Ok(Sealed { key_id: row.try_get("key_id")?, nonce: row.try_get("nonce")?, ciphertext: row.try_get("ciphertext")? })
}

fn read(row: &Row) -> Result<JournalRecord, sqlx::Error> {
    Ok(JournalRecord {
        id: row.id()?,
        statement: row.try_get("statement")?,
        user: row.try_get("user_name")?,
        journalled_at: row.try_get("journalled_at")?,
        state: row.try_get("state")?,
        error: row.try_get("error")?,
        applied_at: row.try_get("applied_at")?,
    })
}
