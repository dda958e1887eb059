//! What a scan has staged takes the place of what was found before, in one transaction; what differs is kept as its changes.

use super::{Counts, NewScan};
use crate::db::{Id, Transaction, now};
use crate::error::Failure;
use crate::filesets;
use crate::versions::{Part, note};
use uuid::Uuid;
use weft_core::metadata::ScanLevel;
use weft_core::{Error, ErrorKind};

/// Each of these has the same parameters: `$1` the scan, `$2` the catalog, `$3` and `$4` schema and table of the scope, `$5` the moment.
const SCHEMAS: &str = "INSERT INTO scanned_schemas (catalog_id, schema_name, tables, bytes, comment, updated_at, files, formats, scanned_at) \
    SELECT $2, schema_name, tables, bytes, comment, updated_at, files, formats, $5 FROM staged_schemas WHERE scan_id = $1 \
    ON CONFLICT (catalog_id, schema_name) DO UPDATE SET tables = excluded.tables, bytes = excluded.bytes, \
    comment = excluded.comment, updated_at = excluded.updated_at, files = excluded.files, formats = excluded.formats, scanned_at = excluded.scanned_at";

const GONE_SCHEMAS: &str = "DELETE FROM scanned_schemas WHERE catalog_id = $2 AND ($3 IS NULL OR schema_name = $3) \
    AND schema_name NOT IN (SELECT schema_name FROM staged_schemas WHERE scan_id = $1)";

const ADDED: &str = "INSERT INTO changes (scan_id, schema_name, table_name, change, after) \
    SELECT $1, s.schema_name, s.table_name, 'added', s.shape FROM staged_tables s WHERE s.scan_id = $1 \
    AND NOT EXISTS (SELECT 1 FROM scanned_tables t \
        WHERE t.catalog_id = $2 AND t.schema_name = s.schema_name AND t.table_name = s.table_name) \
    AND EXISTS (SELECT 1 FROM scanned_tables \
        WHERE catalog_id = $2 AND ($3 IS NULL OR schema_name = $3) AND ($4 IS NULL OR table_name = $4))";

const MODIFIED: &str = "INSERT INTO changes (scan_id, schema_name, table_name, change, before, after) \
    SELECT $1, s.schema_name, s.table_name, 'modified', t.shape, s.shape FROM staged_tables s \
    JOIN scanned_tables t ON t.catalog_id = $2 AND t.schema_name = s.schema_name AND t.table_name = s.table_name \
    WHERE s.scan_id = $1 AND s.shape IS NOT NULL";

const REMOVED: &str = "INSERT INTO changes (scan_id, schema_name, table_name, change, before) \
    SELECT $1, t.schema_name, t.table_name, 'removed', t.shape FROM scanned_tables t \
    WHERE t.catalog_id = $2 AND ($3 IS NULL OR schema_name = $3) AND ($4 IS NULL OR table_name = $4) \
    AND NOT EXISTS (SELECT 1 FROM staged_tables s \
        WHERE s.scan_id = $1 AND s.schema_name = t.schema_name AND s.table_name = t.table_name)";

const GONE_TABLES: &str = "DELETE FROM scanned_tables AS t \
    WHERE t.catalog_id = $2 AND ($3 IS NULL OR schema_name = $3) AND ($4 IS NULL OR table_name = $4) \
    AND NOT EXISTS (SELECT 1 FROM staged_tables s \
        WHERE s.scan_id = $1 AND s.schema_name = t.schema_name AND s.table_name = t.table_name)";

const SAME_SHAPE: &str = "UPDATE scanned_tables AS t SET row_count = s.row_count, bytes = s.bytes, updated_at = s.updated_at, \
    signature = s.signature FROM staged_tables s WHERE s.scan_id = $1 AND s.shape IS NULL \
    AND t.catalog_id = $2 AND t.schema_name = s.schema_name AND t.table_name = s.table_name \
    AND (t.row_count IS DISTINCT FROM s.row_count OR t.bytes IS DISTINCT FROM s.bytes OR t.updated_at IS DISTINCT FROM s.updated_at \
        OR t.signature IS DISTINCT FROM s.signature)";

const OTHER_SHAPE: &str = "INSERT INTO scanned_tables (catalog_id, schema_name, table_name, row_count, bytes, updated_at, shape, signature) \
    SELECT $2, schema_name, table_name, row_count, bytes, updated_at, shape, signature FROM staged_tables \
    WHERE scan_id = $1 AND shape IS NOT NULL \
    ON CONFLICT (catalog_id, schema_name, table_name) DO UPDATE SET row_count = excluded.row_count, \
    bytes = excluded.bytes, updated_at = excluded.updated_at, shape = excluded.shape, signature = excluded.signature";

/// Puts the scan in force; tells what it found.
pub(super) async fn run(transaction: &mut Transaction, scan: Uuid, new: &NewScan<'_>) -> Result<Counts, Failure> {
    let now = now();
    let owner = owner(transaction, new.job).await?;
    let mut run = async |sql: &'static str| {
        let query = transaction.query(sql).bind(Id(scan)).bind(Id(new.catalog));
        let query = query.bind(&new.scope.schema).bind(&new.scope.table).bind(now);
        query.execute().await.map(|rows| i64::try_from(rows).unwrap_or(i64::MAX))
    };
    let mut counts = Counts { schemas: run(SCHEMAS).await?, ..Counts::default() };
    run(GONE_SCHEMAS).await?;
    if new.level == ScanLevel::Tables {
        counts.added = run(ADDED).await?;
        counts.modified = run(MODIFIED).await?;
        counts.removed = run(REMOVED).await?;
        for sql in [GONE_TABLES, SAME_SHAPE, OTHER_SHAPE] {
            run(sql).await?;
        }
    }
    filesets::put_in_force(transaction, scan, new, now).await?;
    let staged = transaction
        .query(
            "SELECT count(*) AS tables, CAST(coalesce(sum(columns), 0) AS bigint) AS columns \
             FROM staged_tables WHERE scan_id = $1",
        )
        .bind(Id(scan))
        .fetch_one()
        .await?;
    (counts.tables, counts.columns) = (staged.try_get("tables")?, staged.try_get("columns")?);
    unstage(transaction, scan).await?;
    note(transaction, Part::Scans, new.catalog_name, &owner).await?;
    transaction
        .query(
            "UPDATE scans SET ended_at = $2, schemas = $3, tables = $4, columns = $5, added = $6, modified = $7, removed = $8 \
             WHERE id = $1",
        )
        .bind(Id(scan))
        .bind(now)
        .bind(counts.schemas)
        .bind(counts.tables)
        .bind(counts.columns)
        .bind(counts.added)
        .bind(counts.modified)
        .bind(counts.removed)
        .execute()
        .await?;
    Ok(counts)
}

/// Who began the job. One that does not run any more was taken over: what it had staged is not there.
async fn owner(transaction: &mut Transaction, job: Uuid) -> Result<String, Failure> {
    let row = transaction.query("SELECT owner, state FROM jobs WHERE id = $1").bind(Id(job)).fetch_optional().await?;
    if let Some(row) = row
        && row.try_get::<String>("state")? == "running"
    {
        return Ok(row.try_get("owner")?);
    }
    Err(Error::new(ErrorKind::AdminShutdown, "the job was interrupted: this gateway was taken for gone")
        .with_hint("SHOW JOBS tells whether another gateway has taken it over.")
        .into())
}

/// Throws away what is staged of a scan.
pub(super) async fn unstage(transaction: &mut Transaction, scan: Uuid) -> Result<(), sqlx::Error> {
    for sql in [
        "DELETE FROM staged_tables WHERE scan_id = $1",
        "DELETE FROM staged_schemas WHERE scan_id = $1",
        "DELETE FROM staged_files WHERE scan_id = $1",
    ] {
        transaction.query(sql).bind(Id(scan)).execute().await?;
    }
    Ok(())
}
