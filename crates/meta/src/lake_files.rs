//! The files that make the tables of the lake. It must not know what is in them, nor where the lake is.

use crate::datasets::DatasetRecord;
use crate::db::{Id, Pool, Row, Transaction, now};
use crate::error::Failure;
use crate::store::Metastore;
use crate::versions::{Part, note};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};

/// A file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LakeFile {
    /// Below the lake's folder.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
}

/// The files of one table, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LakeFigures {
    /// How many there are.
    pub files: u64,
    /// Rows in all of them.
    pub rows: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// When the last one was added.
    pub added_at: DateTime<Utc>,
}

/// The repository of files.
pub struct LakeFiles<'m> {
    pub(crate) store: &'m Metastore,
}

impl LakeFiles<'_> {
    /// The files of a table, in the order in which they came.
    pub async fn of(&self, table: Uuid) -> Result<Vec<LakeFile>> {
        let of = |db: Pool| async move {
            let sql = "SELECT path, row_count, bytes FROM lake_files WHERE dataset_id = $1 ORDER BY added_at, path";
            let rows = db.query(sql).bind(Id(table)).fetch_all().await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(of).await
    }

    /// Of each table that has any.
    pub async fn figures(&self) -> Result<HashMap<Uuid, LakeFigures>> {
        let figures = |db: Pool| async move {
            let sql = "SELECT dataset_id, count(*) AS files, CAST(sum(row_count) AS BIGINT) AS row_count, CAST(sum(bytes) AS BIGINT) AS bytes, \
                       max(added_at) AS added_at FROM lake_files GROUP BY dataset_id";
            let rows = db.query(sql).fetch_all().await?;
            Ok(rows.iter().map(sum).collect::<Result<_, _>>()?)
        };
        self.store.read(figures).await
    }
}

/// Gives a table more files. 42P01 if it is no more.
pub(crate) async fn append(
    transaction: &mut Transaction,
    dataset: &DatasetRecord,
    files: &[LakeFile],
    author: &str,
) -> Result<(), Failure> {
    // Whoever drops it meanwhile waits, or was there before.
    let sql = "UPDATE datasets SET owner = owner WHERE id = $1 AND kind = 'table' AND deleted_at IS NULL";
    if transaction.query(sql).bind(Id(dataset.id)).execute().await? == 0 {
        let message = format!("relation \"{}\" does not exist", dataset.name);
        return Err(Error::new(ErrorKind::UndefinedTable, message)
            .with_detail("It was dropped while rows were written.")
            .into());
    }
    for file in files {
        transaction
            .query("INSERT INTO lake_files (dataset_id, path, row_count, bytes, added_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(Id(dataset.id))
            .bind(&file.path)
            .bind(number(file.rows)?)
            .bind(number(file.bytes)?)
            .bind(now())
            .execute()
            .await?;
    }
    note(transaction, Part::Rows, &dataset.name, author).await
}

fn number(count: u64) -> Result<i64> {
    i64::try_from(count).map_err(|e| Error::internal("a file is too large").with_source(e))
}

fn read(row: &Row) -> Result<LakeFile, sqlx::Error> {
    let count = |column| Ok::<u64, sqlx::Error>(row.try_get::<i64>(column)?.unsigned_abs());
    Ok(LakeFile { path: row.try_get("path")?, rows: count("row_count")?, bytes: count("bytes")? })
}

fn sum(row: &Row) -> Result<(Uuid, LakeFigures), sqlx::Error> {
    let count = |column| Ok::<u64, sqlx::Error>(row.try_get::<i64>(column)?.unsigned_abs());
    let figures = LakeFigures {
        files: count("files")?,
        rows: count("row_count")?,
        bytes: count("bytes")?,
        added_at: row.try_get("added_at")?,
    };
    Ok((row.uuid("dataset_id")?, figures))
}
