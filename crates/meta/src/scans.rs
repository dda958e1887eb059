//! Scans: what they find is staged, compared with what was found before, and comes in force as a whole. Keeps what changed. It must not know sources.

use crate::error::Failure;
use crate::row::{id, uuid};
use crate::store::Metastore;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};
use uuid::Uuid;
use weft_core::metadata::{FoundSchema, FoundTable, ScanLevel, ScanScope, TableShape};
use weft_core::{Error, Result};

/// A scan to be.
#[derive(Debug, Clone)]
pub struct NewScan<'a> {
    /// The job that does it.
    pub job: Uuid,
    /// The catalog.
    pub catalog: Uuid,
    /// Its name.
    pub catalog_name: &'a str,
    /// The part of it.
    pub scope: &'a ScanScope,
    /// How deep.
    pub level: ScanLevel,
}

/// A scan as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRecord {
    /// Its id.
    pub id: Uuid,
    /// The job that did it.
    pub job: Uuid,
    /// Name of the catalog.
    pub catalog_name: String,
    /// Only this schema.
    pub schema: Option<String>,
    /// Only this table of it.
    pub table: Option<String>,
    /// 1 or 2.
    pub level: i64,
    /// `manual` or `auto`.
    pub method: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When what it found came in force.
    pub ended_at: Option<DateTime<Utc>>,
    /// What it found.
    pub found: Counts,
}

/// What a scan found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Schemas.
    pub schemas: i64,
    /// Tables and views.
    pub tables: i64,
    /// Their columns.
    pub columns: i64,
    /// Tables that were not there before.
    pub added: i64,
    /// Tables that are made of something else than before.
    pub modified: i64,
    /// Tables that are not there any more.
    pub removed: i64,
}

/// A change that a scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRecord {
    /// The scan.
    pub scan: Uuid,
    /// Name of its catalog.
    pub catalog_name: String,
    /// The table.
    pub schema: String,
    /// The table.
    pub table: String,
    /// `added`, `modified` or `removed`.
    pub change: String,
    /// What the table was made of, as JSON.
    pub before: Option<String>,
    /// What it is made of, as JSON.
    pub after: Option<String>,
    /// When the scan came in force.
    pub found_at: DateTime<Utc>,
}

/// A table as a scan found it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedTable {
    /// Name of its catalog.
    pub catalog_name: String,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// What it is made of.
    pub shape: TableShape,
}

/// A schema as a scan found it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedSchema {
    /// Name of its catalog.
    pub catalog_name: String,
    /// Its name.
    pub schema: String,
    /// Tables and views in it.
    pub tables: i64,
    /// Bytes of its tables.
    pub bytes: Option<i64>,
    /// The last change of any of them.
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was scanned.
    pub scanned_at: DateTime<Utc>,
}

/// Which tables a scan looks at: `$3` and `$4` are the schema and the table of its scope.
const IN_SCOPE: &str = "($3 IS NULL OR schema_name = $3) AND ($4 IS NULL OR table_name = $4)";

/// The repository of scans.
pub struct Scans<'m> {
    pub(crate) store: &'m Metastore,
}

impl Scans<'_> {
    /// A new scan.
    pub async fn begin(&self, scan: NewScan<'_>) -> Result<Uuid> {
        let id = Uuid::now_v7();
        sqlx::query(
            "INSERT INTO scans (id, job_id, catalog_id, catalog_name, schema_name, table_name, level, method, started_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'manual', $8)",
        )
        .bind(id.to_string())
        .bind(scan.job.to_string())
        .bind(scan.catalog.to_string())
        .bind(scan.catalog_name)
        .bind(&scan.scope.schema)
        .bind(&scan.scope.table)
        .bind(scan.level.number())
        .bind(Utc::now())
        .execute(self.store.pool())
        .await
        .map_err(|e| self.store.classify(e))?;
        Ok(id)
    }

    /// Takes in some of the schemas that a scan found.
    pub async fn stage_schemas(&self, scan: Uuid, schemas: &[FoundSchema]) -> Result<()> {
        let rows = schemas.iter().map(|s| json!([s.name, s.tables, s.bytes, s.comment, s.updated_at]));
        self.stage(
            scan,
            rows,
            "INSERT INTO staged_schemas (scan_id, schema_name, tables, bytes, comment, updated_at) \
             SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($2)",
        )
        .await
    }

    /// Takes in some of the tables that a scan found. Of one that is made of what it was made of before, only that is noted: most are.
    pub async fn stage_tables(&self, scan: Uuid, tables: &[FoundTable]) -> Result<()> {
        let rows = tables.iter().map(|t| {
            let shape =
                serde_json::to_string(&t.shape).map_err(|e| Error::internal("a shape is no JSON").with_source(e))?;
            Ok(json!([t.schema, t.name, t.rows, t.bytes, t.updated_at, t.shape.columns.len(), shape]))
        });
        self.stage(
            scan,
            rows.collect::<Result<Vec<_>>>()?.into_iter(),
            "INSERT INTO staged_tables (scan_id, schema_name, table_name, row_count, bytes, updated_at, columns, shape) \
             SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, nullif(value ->> 6, t.shape) \
             FROM json_each($2) LEFT JOIN scanned_tables t ON t.catalog_id = (SELECT catalog_id FROM scans WHERE id = $1) \
             AND t.schema_name = value ->> 0 AND t.table_name = value ->> 1",
        )
        .await
    }

    async fn stage(&self, scan: Uuid, rows: impl Iterator<Item = Value>, sql: &'static str) -> Result<()> {
        let rows = Value::Array(rows.collect()).to_string();
        let staged = sqlx::query(sql).bind(scan.to_string()).bind(rows).execute(self.store.pool()).await;
        staged.map(|_| ()).map_err(|e| self.store.classify(e))
    }

    /// Throws away what an unfinished scan has staged.
    pub async fn abandon(&self, scan: Uuid) -> Result<()> {
        let abandoned = async {
            let mut transaction = self.store.begin().await?;
            unstage(&mut transaction, scan).await?;
            transaction.commit().await
        };
        abandoned.await.map_err(|e| self.store.classify(e))
    }

    /// Puts what was staged in force and keeps the changes. The first scan of tables has nothing to compare with, and keeps none.
    pub async fn finish(&self, scan: Uuid, new: &NewScan<'_>) -> Result<Counts> {
        let finish = async {
            let mut transaction = self.store.begin().await?;
            let counts = put_in_force(&mut transaction, scan, new).await?;
            transaction.commit().await?;
            Ok(counts)
        };
        finish.await.map_err(|e: Failure| self.store.told(e))
    }

    /// How many tables a catalog had when it was scanned last.
    pub async fn expected_tables(&self, catalog: Uuid, scope: &ScanScope) -> Result<i64> {
        let count = sqlx::query_scalar(
            "SELECT count(*) FROM scanned_tables WHERE catalog_id = $1 AND ($2 IS NULL OR schema_name = $2) \
             AND ($3 IS NULL OR table_name = $3)",
        );
        let count = count.bind(catalog.to_string()).bind(&scope.schema).bind(&scope.table);
        count.fetch_one(self.store.pool()).await.map_err(|e| self.store.classify(e))
    }

    /// The newest scans first.
    pub async fn list(&self) -> Result<Vec<ScanRecord>> {
        self.read("SELECT * FROM scans ORDER BY started_at DESC, id DESC", scan_record).await
    }

    /// What scans have found to be changed, the newest first.
    pub async fn changes(&self) -> Result<Vec<ChangeRecord>> {
        let sql = "SELECT c.*, s.catalog_name, s.ended_at FROM changes c JOIN scans s ON s.id = c.scan_id \
                   ORDER BY s.ended_at DESC, c.schema_name, c.table_name";
        self.read(sql, change_record).await
    }

    /// Every table that a scan has found, of catalogs that there are.
    pub async fn tables(&self) -> Result<Vec<ScannedTable>> {
        let sql = "SELECT t.*, c.name AS catalog_name FROM scanned_tables t JOIN catalogs c ON c.id = t.catalog_id \
                   WHERE c.deleted_at IS NULL ORDER BY c.name, t.schema_name, t.table_name";
        self.read(sql, scanned_table).await
    }

    /// Every schema that a scan has found, of catalogs that there are.
    pub async fn schemas(&self) -> Result<Vec<ScannedSchema>> {
        let sql = "SELECT s.*, c.name AS catalog_name FROM scanned_schemas s JOIN catalogs c ON c.id = s.catalog_id \
                   WHERE c.deleted_at IS NULL ORDER BY c.name, s.schema_name";
        self.read(sql, scanned_schema).await
    }

    async fn read<T>(&self, sql: &'static str, read: fn(&SqliteRow) -> Result<T, sqlx::Error>) -> Result<Vec<T>> {
        let rows = sqlx::query(sql).fetch_all(self.store.pool()).await.map_err(|e| self.store.classify(e))?;
        rows.iter().map(read).collect::<Result<_, _>>().map_err(|e| self.store.classify(e))
    }
}

async fn unstage(transaction: &mut Transaction<'_, Sqlite>, scan: Uuid) -> Result<(), sqlx::Error> {
    for sql in ["DELETE FROM staged_tables WHERE scan_id = $1", "DELETE FROM staged_schemas WHERE scan_id = $1"] {
        sqlx::query(sql).bind(scan.to_string()).execute(&mut **transaction).await?;
    }
    Ok(())
}

async fn put_in_force(
    transaction: &mut Transaction<'_, Sqlite>,
    scan: Uuid,
    new: &NewScan<'_>,
) -> Result<Counts, Failure> {
    let now = Utc::now();
    let mut run = async |sql: String| {
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(scan.to_string()).bind(new.catalog.to_string());
        let query = query.bind(&new.scope.schema).bind(&new.scope.table).bind(now);
        query.execute(&mut **transaction).await.map(|done| i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
    };
    let mut counts = Counts {
        schemas: run("INSERT OR REPLACE INTO scanned_schemas (catalog_id, schema_name, tables, bytes, comment, updated_at, scanned_at) \
             SELECT $2, schema_name, tables, bytes, comment, updated_at, $5 FROM staged_schemas WHERE scan_id = $1"
            .to_owned())
        .await?,
        ..Counts::default()
    };
    run("DELETE FROM scanned_schemas WHERE catalog_id = $2 AND ($3 IS NULL OR schema_name = $3) \
         AND schema_name NOT IN (SELECT schema_name FROM staged_schemas WHERE scan_id = $1)"
        .to_owned())
    .await?;
    if new.level == ScanLevel::Tables {
        let known = format!("SELECT 1 FROM scanned_tables WHERE catalog_id = $2 AND {IN_SCOPE}");
        let there = "SELECT 1 FROM scanned_tables t WHERE t.catalog_id = $2 AND t.schema_name = s.schema_name AND t.table_name = s.table_name";
        let staged = "SELECT 1 FROM staged_tables s WHERE s.scan_id = $1 AND s.schema_name = t.schema_name AND s.table_name = t.table_name";
        counts.added = run(format!(
            "INSERT INTO changes (scan_id, schema_name, table_name, change, after) \
             SELECT $1, s.schema_name, s.table_name, 'added', s.shape FROM staged_tables s \
             WHERE s.scan_id = $1 AND NOT EXISTS ({there}) AND EXISTS ({known})"
        ))
        .await?;
        counts.modified = run("INSERT INTO changes (scan_id, schema_name, table_name, change, before, after) \
             SELECT $1, s.schema_name, s.table_name, 'modified', t.shape, s.shape FROM staged_tables s \
             JOIN scanned_tables t ON t.catalog_id = $2 AND t.schema_name = s.schema_name AND t.table_name = s.table_name \
             WHERE s.scan_id = $1 AND s.shape IS NOT NULL"
            .to_owned())
        .await?;
        counts.removed = run(format!(
            "INSERT INTO changes (scan_id, schema_name, table_name, change, before) \
             SELECT $1, t.schema_name, t.table_name, 'removed', t.shape FROM scanned_tables t \
             WHERE t.catalog_id = $2 AND {IN_SCOPE} AND NOT EXISTS ({staged})"
        ))
        .await?;
        run(format!(
            "DELETE FROM scanned_tables AS t WHERE t.catalog_id = $2 AND {IN_SCOPE} AND NOT EXISTS ({staged})"
        ))
        .await?;
        run("UPDATE scanned_tables AS t SET row_count = s.row_count, bytes = s.bytes, updated_at = s.updated_at FROM staged_tables s \
             WHERE s.scan_id = $1 AND s.shape IS NULL AND t.catalog_id = $2 AND t.schema_name = s.schema_name AND t.table_name = s.table_name \
             AND (t.row_count, t.bytes, t.updated_at) IS NOT (s.row_count, s.bytes, s.updated_at)"
            .to_owned())
        .await?;
        run("INSERT INTO scanned_tables (catalog_id, schema_name, table_name, row_count, bytes, updated_at, shape) \
             SELECT $2, schema_name, table_name, row_count, bytes, updated_at, shape FROM staged_tables \
             WHERE scan_id = $1 AND shape IS NOT NULL \
             ON CONFLICT (catalog_id, schema_name, table_name) DO UPDATE SET row_count = excluded.row_count, bytes = excluded.bytes, \
             updated_at = excluded.updated_at, shape = excluded.shape"
            .to_owned())
        .await?;
    }
    (counts.tables, counts.columns) =
        sqlx::query_as("SELECT count(*), coalesce(sum(columns), 0) FROM staged_tables WHERE scan_id = $1")
            .bind(scan.to_string())
            .fetch_one(&mut **transaction)
            .await?;
    unstage(transaction, scan).await?;
    sqlx::query(
        "UPDATE scans SET ended_at = $2, schemas = $3, tables = $4, columns = $5, added = $6, modified = $7, removed = $8 WHERE id = $1",
    )
    .bind(scan.to_string())
    .bind(now)
    .bind(counts.schemas)
    .bind(counts.tables)
    .bind(counts.columns)
    .bind(counts.added)
    .bind(counts.modified)
    .bind(counts.removed)
    .execute(&mut **transaction)
    .await?;
    Ok(counts)
}

fn scan_record(row: &SqliteRow) -> Result<ScanRecord, sqlx::Error> {
    Ok(ScanRecord {
        id: id(row)?,
        job: uuid(row, "job_id")?,
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        level: row.try_get("level")?,
        method: row.try_get("method")?,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
        found: Counts {
            schemas: row.try_get("schemas")?,
            tables: row.try_get("tables")?,
            columns: row.try_get("columns")?,
            added: row.try_get("added")?,
            modified: row.try_get("modified")?,
            removed: row.try_get("removed")?,
        },
    })
}

fn change_record(row: &SqliteRow) -> Result<ChangeRecord, sqlx::Error> {
    Ok(ChangeRecord {
        scan: uuid(row, "scan_id")?,
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        change: row.try_get("change")?,
        before: row.try_get("before")?,
        after: row.try_get("after")?,
        found_at: row.try_get("ended_at")?,
    })
}

fn scanned_table(row: &SqliteRow) -> Result<ScannedTable, sqlx::Error> {
    let shape: String = row.try_get("shape")?;
    let shape = serde_json::from_str(&shape).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    Ok(ScannedTable {
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        shape,
    })
}

fn scanned_schema(row: &SqliteRow) -> Result<ScannedSchema, sqlx::Error> {
    Ok(ScannedSchema {
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        tables: row.try_get("tables")?,
        bytes: row.try_get("bytes")?,
        updated_at: row.try_get("updated_at")?,
        scanned_at: row.try_get("scanned_at")?,
    })
}
