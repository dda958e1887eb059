//! What is in force of one catalog after its last scan. It must not know how that came about.

use crate::db::{Document, Id, Pool, Row};
use crate::scans::Scans;
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
        let last = |db: Pool| async move {
            let sql = "SELECT id FROM scans WHERE catalog_id = $1 AND ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT 1";
            let row = db.query(sql).bind(Id(catalog)).fetch_optional().await?;
            Ok(row.map(|row| row.id()).transpose()?)
        };
        self.store.read(last).await
    }

    /// The tables of the catalog.
    pub async fn known(&self, catalog: Uuid) -> Result<Vec<KnownTable>> {
        let tables = |db: Pool| async move {
            let sql = "SELECT schema_name, table_name, shape FROM scanned_tables WHERE catalog_id = $1";
            let rows = db.query(sql).bind(Id(catalog)).fetch_all().await?;
            Ok(rows.iter().map(known).collect::<Result<_, _>>()?)
        };
        self.store.read(tables).await
    }
}

fn known(row: &Row) -> Result<KnownTable, sqlx::Error> {
    let shape: Document = row.try_get("shape")?;
    Ok(KnownTable {
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        shape: serde_json::from_str(&shape.0).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
    })
}
