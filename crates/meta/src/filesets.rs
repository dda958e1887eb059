//! The files that scans list, and how deep each part of a catalog was scanned last. It must not know sources.

use crate::db::{Document, Id, Pool, Row, Sql, Transaction};
use crate::scans::NewScan;
use crate::store::Metastore;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;
use weft_core::metadata::{FoundFile, FoundFiles, ScanLevel, TableShape};
use weft_core::{Error, Result};

/// The files of a table as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedFiles {
    /// Name of the catalog.
    pub catalog_name: String,
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// Their format.
    pub format: String,
    /// They, or the first of them.
    pub files: Vec<FoundFile>,
}

/// How well a table is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableState {
    /// Name of the catalog.
    pub catalog_name: String,
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// `full` or `sample`, if statistics were taken.
    pub method: Option<String>,
    /// Whether all is known that was looked for, as the files are now.
    pub is_complete: bool,
}

/// A part of a catalog that was scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Name of the catalog.
    pub catalog_name: String,
    /// Only this schema; empty for all.
    pub schema: String,
    /// Only this table; empty for all.
    pub table: String,
    /// 1 or 2.
    pub level: i64,
    /// `manual` or `auto`.
    pub method: String,
    /// When.
    pub scanned_at: DateTime<Utc>,
}

/// `$1` is the scan, `$2` the tables as a JSON array, with their files as text.
const STAGE: Sql = Sql {
    sqlite: "INSERT INTO staged_files (scan_id, schema_name, table_name, format, signature, file_count, files) \
        SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each($2)",
    postgres: "INSERT INTO staged_files (scan_id, schema_name, table_name, format, signature, file_count, files) \
        SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, CAST(value ->> 4 AS bigint), \
        CAST(value ->> 5 AS json) FROM json_array_elements(CAST($2 AS json))",
};

/// Each of these has the parameters of the statements that put a scan in force.
const GONE: &str = "DELETE FROM scanned_files AS t \
    WHERE t.catalog_id = $2 AND ($3 IS NULL OR schema_name = $3) AND ($4 IS NULL OR table_name = $4) \
    AND NOT EXISTS (SELECT 1 FROM staged_files s \
        WHERE s.scan_id = $1 AND s.schema_name = t.schema_name AND s.table_name = t.table_name)";

const LISTED: &str = "INSERT INTO scanned_files (catalog_id, schema_name, table_name, format, signature, file_count, files) \
    SELECT $2, schema_name, table_name, format, signature, file_count, files FROM staged_files WHERE scan_id = $1 \
    ON CONFLICT (catalog_id, schema_name, table_name) DO UPDATE SET format = excluded.format, signature = excluded.signature, \
    file_count = excluded.file_count, files = excluded.files WHERE scanned_files.signature <> excluded.signature \
    OR CAST(scanned_files.files AS text) <> CAST(excluded.files AS text)";

/// Statistics of tables that are not there any more go with them.
const GONE_STATISTICS: [&str; 2] = [
    "DELETE FROM table_statistics AS t \
     WHERE t.catalog_id = $2 AND ($3 IS NULL OR schema_name = $3) AND ($4 IS NULL OR table_name = $4) \
     AND NOT EXISTS (SELECT 1 FROM scanned_tables s \
         WHERE s.catalog_id = $2 AND s.schema_name = t.schema_name AND s.table_name = t.table_name)",
    "DELETE FROM column_statistics AS t \
     WHERE t.catalog_id = $2 AND ($3 IS NULL OR schema_name = $3) AND ($4 IS NULL OR table_name = $4) \
     AND NOT EXISTS (SELECT 1 FROM scanned_tables s \
         WHERE s.catalog_id = $2 AND s.schema_name = t.schema_name AND s.table_name = t.table_name)",
];

/// The repository of files.
pub struct FileSets<'m> {
    pub(crate) store: &'m Metastore,
}

impl FileSets<'_> {
    /// Takes in the files of some tables that a scan found.
    pub async fn stage(&self, scan: Uuid, files: &[FoundFiles]) -> Result<()> {
        let row =
            |f: &FoundFiles| json!([f.schema, f.table, f.format, f.signature, f.count, json!(f.files).to_string()]);
        let rows = Value::Array(files.iter().map(row).collect()).to_string();
        let stage = |db: Pool| async move {
            db.query(STAGE).bind(Id(scan)).bind(rows).execute().await?;
            Ok(())
        };
        self.store.write(stage).await
    }

    /// What a table was made of when its files had this signature, if that is known.
    pub async fn recall(
        &self,
        catalog: Uuid,
        schema: &str,
        table: &str,
        signature: &str,
    ) -> Result<Option<TableShape>> {
        let recall = |db: Pool| async move {
            let shape = db.query(
                "SELECT shape FROM scanned_tables WHERE catalog_id = $1 AND schema_name = $2 AND table_name = $3 AND signature = $4",
            );
            let row = shape.bind(Id(catalog)).bind(schema).bind(table).bind(signature).fetch_optional().await?;
            Ok(row.map(|row| row.try_get::<Document>("shape")).transpose()?)
        };
        let read = |shape: Document| {
            serde_json::from_str(&shape.0).map_err(|e| Error::internal("a stored shape cannot be read").with_source(e))
        };
        self.store.read(recall).await?.map(read).transpose()
    }

    /// The files of every table, of catalogs that there are.
    pub async fn list(&self) -> Result<Vec<ScannedFiles>> {
        let sql = "SELECT c.name AS catalog_name, f.schema_name, f.table_name, f.format, f.files \
                   FROM scanned_files f JOIN catalogs c ON c.id = f.catalog_id WHERE c.deleted_at IS NULL \
                   ORDER BY c.name, f.schema_name, f.table_name";
        self.rows(sql, scanned_files).await
    }

    /// How well every table is known that a scan has found.
    pub async fn states(&self) -> Result<Vec<TableState>> {
        let sql = "SELECT c.name AS catalog_name, t.schema_name, t.table_name, s.method, \
                   CASE WHEN s.wanted IS NULL AND (f.signature IS NULL OR (t.signature IS NOT NULL AND t.signature = f.signature \
                   AND (s.signature IS NULL OR s.signature = f.signature))) THEN 1 ELSE 0 END AS is_complete \
                   FROM scanned_tables t JOIN catalogs c ON c.id = t.catalog_id \
                   LEFT JOIN table_statistics s ON s.catalog_id = t.catalog_id AND s.schema_name = t.schema_name AND s.table_name = t.table_name \
                   LEFT JOIN scanned_files f ON f.catalog_id = t.catalog_id AND f.schema_name = t.schema_name AND f.table_name = t.table_name \
                   WHERE c.deleted_at IS NULL ORDER BY c.name, t.schema_name, t.table_name";
        self.rows(sql, state).await
    }

    /// The parts of catalogs that were scanned.
    pub async fn marks(&self) -> Result<Vec<Mark>> {
        let sql = "SELECT c.name AS catalog_name, m.schema_name, m.table_name, m.level, m.method, m.scanned_at \
                   FROM scan_marks m JOIN catalogs c ON c.id = m.catalog_id WHERE c.deleted_at IS NULL";
        self.rows(sql, mark).await
    }

    async fn rows<T>(&self, sql: &'static str, read: fn(&Row) -> Result<T, sqlx::Error>) -> Result<Vec<T>> {
        let list = |db: Pool| async move {
            let rows = db.query(sql).fetch_all().await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }
}

/// Puts the files that were staged in force, and marks the scan's scope.
pub(crate) async fn put_in_force(
    transaction: &mut Transaction,
    scan: Uuid,
    new: &NewScan<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let of_tables = match new.level {
        ScanLevel::Schemas => &GONE_STATISTICS[..0],
        ScanLevel::Tables => &GONE_STATISTICS[..],
    };
    for sql in [GONE, LISTED].iter().chain(of_tables) {
        let query = transaction.query(*sql).bind(Id(scan)).bind(Id(new.catalog));
        query.bind(&new.scope.schema).bind(&new.scope.table).execute().await?;
    }
    let (schema, table) = (new.scope.schema.as_deref().unwrap_or(""), new.scope.table.as_deref().unwrap_or(""));
    let within = "DELETE FROM scan_marks WHERE catalog_id = $1 AND level <= $2 AND ($3 = '' OR schema_name = $3) AND ($4 = '' OR table_name = $4)";
    let within = transaction.query(within).bind(Id(new.catalog)).bind(new.level.number());
    within.bind(schema).bind(table).execute().await?;
    transaction
        .query(
            "INSERT INTO scan_marks (catalog_id, schema_name, table_name, level, method, scanned_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(Id(new.catalog))
        .bind(schema)
        .bind(table)
        .bind(new.level.number())
        .bind(new.method.to_string())
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

fn scanned_files(row: &Row) -> Result<ScannedFiles, sqlx::Error> {
    let files: Document = row.try_get("files")?;
    Ok(ScannedFiles {
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        format: row.try_get("format")?,
        files: serde_json::from_str(&files.0).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
    })
}

fn state(row: &Row) -> Result<TableState, sqlx::Error> {
    Ok(TableState {
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        method: row.try_get("method")?,
        is_complete: row.try_get::<i32>("is_complete")? == 1,
    })
}

fn mark(row: &Row) -> Result<Mark, sqlx::Error> {
    Ok(Mark {
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        level: row.try_get("level")?,
        method: row.try_get("method")?,
        scanned_at: row.try_get("scanned_at")?,
    })
}
