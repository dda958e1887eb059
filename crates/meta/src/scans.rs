//! Scans: what they find is staged, compared with what was found before, and comes in force as a whole. Keeps what changed. It must not know sources.

mod put_in_force;

use crate::db::{Document, Id, Pool, Row, Sql, now};
use crate::store::Metastore;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::fmt;
use uuid::Uuid;
use weft_core::metadata::{FoundSchema, FoundTable, ScanLevel, ScanScope, TableShape};
use weft_core::{Error, Result};

/// Who asked for a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanMethod {
    /// A user.
    Manual,
    /// A schedule.
    Auto,
}

impl fmt::Display for ScanMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ScanMethod::Manual => "manual",
            ScanMethod::Auto => "auto",
        })
    }
}

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
    /// Who asked for it.
    pub method: ScanMethod,
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
    /// Tables whose statistics it took.
    pub analyzed: i64,
    /// Tables of which it could not take them.
    pub failed: i64,
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
    /// Files of its tables, where they are made of files.
    pub files: Option<i64>,
    /// How many files have each format, as JSON.
    pub formats: Option<String>,
    /// The last change of any of them.
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was scanned.
    pub scanned_at: DateTime<Utc>,
}

/// `$1` is the scan, `$2` the schemas as a JSON array.
const STAGE_SCHEMAS: Sql = Sql {
    sqlite: "INSERT INTO staged_schemas (scan_id, schema_name, tables, bytes, comment, updated_at, files, formats) \
        SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 FROM json_each($2)",
    postgres: "INSERT INTO staged_schemas (scan_id, schema_name, tables, bytes, comment, updated_at, files, formats) \
        SELECT $1, value ->> 0, CAST(value ->> 1 AS bigint), CAST(value ->> 2 AS bigint), value ->> 3, \
        CAST(value ->> 4 AS timestamptz), CAST(value ->> 5 AS bigint), CAST(value ->> 6 AS json) FROM json_array_elements(CAST($2 AS json))",
};

/// `$1` is the scan, `$2` the tables as a JSON array, with their shapes as text.
const STAGE_TABLES: Sql = Sql {
    sqlite: "INSERT INTO staged_tables (scan_id, schema_name, table_name, row_count, bytes, updated_at, columns, shape, signature) \
        SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, nullif(value ->> 6, t.shape), value ->> 7 \
        FROM json_each($2) LEFT JOIN scanned_tables t ON t.catalog_id = (SELECT catalog_id FROM scans WHERE id = $1) \
        AND t.schema_name = value ->> 0 AND t.table_name = value ->> 1",
    postgres: "INSERT INTO staged_tables (scan_id, schema_name, table_name, row_count, bytes, updated_at, columns, shape, signature) \
        SELECT $1, value ->> 0, value ->> 1, CAST(value ->> 2 AS bigint), CAST(value ->> 3 AS bigint), \
        CAST(value ->> 4 AS timestamptz), CAST(value ->> 5 AS bigint), \
        CAST(nullif(value ->> 6, CAST(t.shape AS text)) AS json), value ->> 7 \
        FROM json_array_elements(CAST($2 AS json)) \
        LEFT JOIN scanned_tables t ON t.catalog_id = (SELECT catalog_id FROM scans WHERE id = $1) \
        AND t.schema_name = value ->> 0 AND t.table_name = value ->> 1",
};

/// The repository of scans.
pub struct Scans<'m> {
    pub(crate) store: &'m Metastore,
}

impl Scans<'_> {
    /// A new scan.
    pub async fn begin(&self, scan: NewScan<'_>) -> Result<Uuid> {
        let id = Uuid::now_v7();
        let scan = &scan;
        let begin = |db: Pool| async move {
            db.query(
                "INSERT INTO scans (id, job_id, catalog_id, catalog_name, schema_name, table_name, level, method, started_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(Id(id))
            .bind(Id(scan.job))
            .bind(Id(scan.catalog))
            .bind(scan.catalog_name)
            .bind(&scan.scope.schema)
            .bind(&scan.scope.table)
            .bind(scan.level.number())
            .bind(scan.method.to_string())
            .bind(now())
            .execute()
            .await?;
            Ok(id)
        };
        self.store.write(begin).await
    }

    /// Takes in some of the schemas that a scan found.
    pub async fn stage_schemas(&self, scan: Uuid, schemas: &[FoundSchema]) -> Result<()> {
        let rows = schemas.iter().map(|s| {
            let (files, formats) = s.files.as_ref().map(|f| (f.count, json!(f.formats).to_string())).unzip();
            json!([s.name, s.tables, s.bytes, s.comment, s.updated_at, files, formats])
        });
        self.stage(scan, Value::Array(rows.collect()), STAGE_SCHEMAS).await
    }

    /// Takes in some of the tables that a scan found. Of one that is made of what it was made of before, only that is noted: most are.
    pub async fn stage_tables(&self, scan: Uuid, tables: &[FoundTable]) -> Result<()> {
        let rows = tables.iter().map(|t| {
            let shape =
                serde_json::to_string(&t.shape).map_err(|e| Error::internal("a shape is no JSON").with_source(e))?;
            Ok(json!([t.schema, t.name, t.rows, t.bytes, t.updated_at, t.shape.columns.len(), shape, t.signature]))
        });
        self.stage(scan, Value::Array(rows.collect::<Result<_>>()?), STAGE_TABLES).await
    }

    async fn stage(&self, scan: Uuid, rows: Value, sql: Sql) -> Result<()> {
        let rows = rows.to_string();
        let stage = |db: Pool| async move {
            db.query(sql).bind(Id(scan)).bind(rows).execute().await?;
            Ok(())
        };
        self.store.write(stage).await
    }

    /// Throws away what an unfinished scan has staged.
    pub async fn abandon(&self, scan: Uuid) -> Result<()> {
        let abandon = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            put_in_force::unstage(&mut transaction, scan).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(abandon).await
    }

    /// Puts what was staged in force and keeps the changes. The first scan of tables has nothing to compare with, and keeps none.
    pub async fn finish(&self, scan: Uuid, new: &NewScan<'_>) -> Result<Counts> {
        let finish = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let counts = put_in_force::run(&mut transaction, scan, new).await?;
            transaction.commit().await?;
            Ok(counts)
        };
        self.store.write(finish).await
    }

    /// Notes of how many tables a scan took statistics, and of how many it could not.
    pub async fn analyzed(&self, scan: Uuid, analyzed: i64, failed: i64) -> Result<()> {
        let note = |db: Pool| async move {
            let note = db.query("UPDATE scans SET analyzed = $2, failed = $3 WHERE id = $1");
            note.bind(Id(scan)).bind(analyzed).bind(failed).execute().await?;
            Ok(())
        };
        self.store.write(note).await
    }

    /// How many tables a catalog had when it was scanned last.
    pub async fn expected_tables(&self, catalog: Uuid, scope: &ScanScope) -> Result<i64> {
        let count = |db: Pool| async move {
            let count = db
                .query(
                    "SELECT count(*) AS tables FROM scanned_tables WHERE catalog_id = $1 AND ($2 IS NULL OR schema_name = $2) \
                     AND ($3 IS NULL OR table_name = $3)",
                )
                .bind(Id(catalog))
                .bind(&scope.schema)
                .bind(&scope.table);
            Ok(count.fetch_one().await?.try_get("tables")?)
        };
        self.store.read(count).await
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
        let sql = "SELECT c.name AS catalog_name, t.schema_name, t.table_name, t.shape \
                   FROM scanned_tables t JOIN catalogs c ON c.id = t.catalog_id \
                   WHERE c.deleted_at IS NULL ORDER BY c.name, t.schema_name, t.table_name";
        self.read(sql, scanned_table).await
    }

    /// Every schema that a scan has found, of catalogs that there are.
    pub async fn schemas(&self) -> Result<Vec<ScannedSchema>> {
        let sql = "SELECT s.*, c.name AS catalog_name FROM scanned_schemas s JOIN catalogs c ON c.id = s.catalog_id \
                   WHERE c.deleted_at IS NULL ORDER BY c.name, s.schema_name";
        self.read(sql, scanned_schema).await
    }

    /// What the source says of its schemas, by their names, as the last scan has found it.
    pub async fn schema_comments(&self, catalog: Uuid) -> Result<Vec<(String, String)>> {
        let list = |db: Pool| async move {
            let sql = "SELECT schema_name, comment FROM scanned_schemas WHERE catalog_id = $1 AND comment IS NOT NULL";
            let rows = db.query(sql).bind(Id(catalog)).fetch_all().await?;
            let read = |row: &Row| Ok((row.try_get("schema_name")?, row.try_get("comment")?));
            Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
        };
        self.store.read(list).await
    }

    async fn read<T>(&self, sql: &'static str, read: fn(&Row) -> Result<T, sqlx::Error>) -> Result<Vec<T>> {
        let list = |db: Pool| async move {
            let rows = db.query(sql).fetch_all().await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }
}

fn scan_record(row: &Row) -> Result<ScanRecord, sqlx::Error> {
    Ok(ScanRecord {
        id: row.id()?,
        job: row.uuid("job_id")?,
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
        analyzed: row.try_get("analyzed")?,
        failed: row.try_get("failed")?,
    })
}

fn change_record(row: &Row) -> Result<ChangeRecord, sqlx::Error> {
    Ok(ChangeRecord {
        scan: row.uuid("scan_id")?,
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        change: row.try_get("change")?,
        before: row.try_get::<Option<Document>>("before")?.map(|shape| shape.0),
        after: row.try_get::<Option<Document>>("after")?.map(|shape| shape.0),
        found_at: row.try_get("ended_at")?,
    })
}

fn scanned_table(row: &Row) -> Result<ScannedTable, sqlx::Error> {
    let shape: Document = row.try_get("shape")?;
    let shape = serde_json::from_str(&shape.0).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    Ok(ScannedTable {
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        shape,
    })
}

fn scanned_schema(row: &Row) -> Result<ScannedSchema, sqlx::Error> {
    Ok(ScannedSchema {
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        tables: row.try_get("tables")?,
        bytes: row.try_get("bytes")?,
        files: row.try_get("files")?,
        formats: row.try_get::<Option<Document>>("formats")?.map(|formats| formats.0),
        updated_at: row.try_get("updated_at")?,
        scanned_at: row.try_get("scanned_at")?,
    })
}
