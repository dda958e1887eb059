//! The version of the store's content: who changed what when, and how gateways hear of it. It must not know what a change means.

use crate::db::{Listener, Pool, Row, Transaction, now};
use crate::error::Failure;
use crate::journal;
use crate::store::Metastore;
use chrono::{DateTime, Utc};
use std::fmt;
use std::time::Duration;
use weft_core::Result;

/// Changes that are kept.
const KEPT: i64 = 10_000;

/// A part of the store's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The tables themselves.
    Layout,
    /// Which sources there are.
    Catalogs,
    /// Who may log in.
    Roles,
    /// What was granted to whom.
    Grants,
    /// Values that catalogs use.
    Secrets,
    /// What is run at certain times.
    Schedules,
    /// Queries that are kept as views, and tables.
    Datasets,
    /// The rows of tables.
    Rows,
    /// What people say of objects.
    Annotations,
    /// Which tables may be queried.
    Managed,
    /// What is known of the insides of sources.
    Scans,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Layout => "layout",
            Part::Catalogs => "catalogs",
            Part::Roles => "roles",
            Part::Grants => "grants",
            Part::Secrets => "secrets",
            Part::Schedules => "schedules",
            Part::Datasets => "datasets",
            Part::Rows => "rows",
            Part::Annotations => "annotations",
            Part::Managed => "managed",
            Part::Scans => "scans",
        })
    }
}

/// The version after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRecord {
    /// Grows with every change.
    pub number: i64,
    /// `major.minor.patch`: layout, definitions, what is known and said.
    pub version: String,
    /// What kind of thing was changed.
    pub part: String,
    /// What was changed, by name.
    pub object: String,
    /// Who changed it.
    pub changed_by: String,
    /// When.
    pub changed_at: DateTime<Utc>,
}

/// The repository of versions.
pub struct Versions<'m> {
    pub(crate) store: &'m Metastore,
}

impl Versions<'_> {
    /// The newest first.
    pub async fn list(&self) -> Result<Vec<VersionRecord>> {
        let list = |db: Pool| async move {
            let rows = db.query("SELECT * FROM versions ORDER BY number DESC").fetch_all().await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }

    /// The number of the newest.
    pub async fn newest(&self) -> Result<i64> {
        let newest = |db: Pool| async move {
            let row = db.query("SELECT coalesce(max(number), 0) AS number FROM versions").fetch_one().await?;
            Ok(row.try_get("number")?)
        };
        self.store.read(newest).await
    }
}

/// Writes down a change, in its transaction.
pub(crate) async fn note(transaction: &mut Transaction, part: Part, object: &str, by: &str) -> Result<(), Failure> {
    let definitions: i64 =
        if matches!(part, Part::Scans | Part::Annotations | Part::Managed | Part::Rows) { 0 } else { 1 };
    transaction
        .query(
            "INSERT INTO versions (major, minor, patch, part, object, changed_by, changed_at) \
             SELECT major, minor + $1, CASE WHEN $1 > 0 THEN 0 ELSE patch + 1 END, $2, $3, $4, $5 \
             FROM versions ORDER BY number DESC LIMIT 1",
        )
        .bind(definitions)
        .bind(part.to_string())
        .bind(object)
        .bind(by)
        .bind(now())
        .execute()
        .await?;
    let old = "DELETE FROM versions WHERE number <= (SELECT max(number) FROM versions) - $1";
    transaction.query(old).bind(KEPT).execute().await?;
    journal::mark(transaction).await
}

/// The number of the newest change of a part.
pub(crate) async fn newest(db: &Pool, part: Part) -> Result<Option<i64>, Failure> {
    let sql = "SELECT max(number) AS number FROM versions WHERE part = $1";
    Ok(db.query(sql).bind(part.to_string()).fetch_one().await?.try_get("number")?)
}

/// Writes down that the tables are laid out anew, if they are.
pub(crate) async fn note_layout(db: &Pool, layout: i64) -> Result<(), Failure> {
    let mut transaction = db.begin().await?;
    transaction
        .query(
            "INSERT INTO versions (major, minor, patch, part, object, changed_by, changed_at) \
             SELECT $1, 0, 0, $2, '', 'weft', $3 WHERE NOT EXISTS (SELECT 1 FROM versions WHERE major = $1)",
        )
        .bind(layout)
        .bind(Part::Layout.to_string())
        .bind(now())
        .execute()
        .await?;
    Ok(transaction.commit().await?)
}

/// Hears of changes.
pub struct Watch {
    db: Pool,
    listener: Option<Listener>,
}

impl Watch {
    pub(crate) fn new(db: Pool) -> Watch {
        Watch { db, listener: None }
    }

    /// Waits until something may have changed: until it is announced, or for so long. Who is not connected is told by time alone.
    pub async fn wait(&mut self, most: Duration) {
        if self.listener.is_none() {
            self.listener = self.db.listen("weft_versions").await;
            if self.listener.is_some() {
                // Something may have changed before.
                return;
            }
        }
        let Some(listener) = &mut self.listener else { return tokio::time::sleep(most).await };
        match tokio::time::timeout(most, listener.heard()).await {
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, "changes are not announced for now");
                self.listener = None;
                tokio::time::sleep(most).await;
            }
        }
    }
}

fn read(row: &Row) -> Result<VersionRecord, sqlx::Error> {
    let [major, minor, patch]: [i64; 3] = [row.try_get("major")?, row.try_get("minor")?, row.try_get("patch")?];
    Ok(VersionRecord {
        number: row.try_get("number")?,
        version: format!("{major}.{minor}.{patch}"),
        part: row.try_get("part")?,
        object: row.try_get("object")?,
        changed_by: row.try_get("changed_by")?,
        changed_at: row.try_get("changed_at")?,
    })
}
