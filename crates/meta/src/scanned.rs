//! What is in force of one catalog after its last scan. It must not know how that came about.

use crate::row::id;
use crate::scans::Scans;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;
use weft_core::Result;
use weft_core::metadata::TableShape;

/// A table of the catalog, as it was found last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTable {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// What it is made of.
    pub shape: TableShape,
}

impl Scans<'_> {
    /// The scan by which the catalog is known: as long as it is the same, so is what is known.
    pub async fn last(&self, catalog: Uuid) -> Result<Option<Uuid>> {
        let sql =
            "SELECT id FROM scans WHERE catalog_id = $1 AND ended_at IS NOT NULL ORDER BY started_at DESC LIMIT 1";
        let row = sqlx::query(sql).bind(catalog.to_string()).fetch_optional(self.store.pool()).await;
        let row = row.map_err(|e| self.store.classify(e))?;
        row.map(|row| id(&row).map_err(|e| self.store.classify(e))).transpose()
    }

    /// The tables of the catalog.
    pub async fn known(&self, catalog: Uuid) -> Result<Vec<KnownTable>> {
        let sql = "SELECT schema_name, table_name, shape FROM scanned_tables WHERE catalog_id = $1";
        let rows = sqlx::query(sql).bind(catalog.to_string()).fetch_all(self.store.pool()).await;
        let rows = rows.map_err(|e| self.store.classify(e))?;
        rows.iter().map(|row| known(row).map_err(|e| self.store.classify(e))).collect()
    }
}

fn known(row: &SqliteRow) -> Result<KnownTable, sqlx::Error> {
    let shape: String = row.try_get("shape")?;
    Ok(KnownTable {
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        shape: serde_json::from_str(&shape).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
    })
}
