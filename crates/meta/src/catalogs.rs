//! Catalogs: the sources that were created.

use crate::store::Metastore;
use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::BTreeMap;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};

/// A catalog as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The kind of its source.
    pub kind: String,
    /// How to connect.
    pub options: BTreeMap<String, String>,
    /// How to behave.
    pub with: BTreeMap<String, String>,
    /// Who created it.
    pub owner: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// A catalog to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCatalog {
    /// Its name.
    pub name: String,
    /// The kind of its source.
    pub kind: String,
    /// How to connect.
    pub options: BTreeMap<String, String>,
    /// How to behave.
    pub with: BTreeMap<String, String>,
    /// Who creates it.
    pub owner: String,
}

/// The repository of catalogs. Dropped ones keep their row and are not seen.
pub struct Catalogs<'m> {
    pub(crate) store: &'m Metastore,
}

impl Catalogs<'_> {
    /// Every catalog, by name.
    pub async fn list(&self) -> Result<Vec<CatalogRecord>> {
        let rows = sqlx::query("SELECT * FROM catalogs WHERE deleted_at IS NULL ORDER BY name")
            .fetch_all(self.store.pool())
            .await;
        rows.map_err(|e| self.store.classify(e))?.iter().map(|row| self.read(row)).collect()
    }

    /// The catalog of this name.
    pub async fn get(&self, name: &str) -> Result<Option<CatalogRecord>> {
        let row = sqlx::query("SELECT * FROM catalogs WHERE name = $1 AND deleted_at IS NULL")
            .bind(name)
            .fetch_optional(self.store.pool())
            .await;
        row.map_err(|e| self.store.classify(e))?.map(|row| self.read(&row)).transpose()
    }

    /// Stores a new catalog; 42P04 if its name is taken.
    pub async fn create(&self, new: &NewCatalog) -> Result<CatalogRecord> {
        let now = Utc::now();
        let record = CatalogRecord {
            id: Uuid::now_v7(),
            name: new.name.clone(),
            kind: new.kind.clone(),
            options: new.options.clone(),
            with: new.with.clone(),
            owner: new.owner.clone(),
            created_at: now,
            updated_at: now,
        };
        let inserted = sqlx::query(
            "INSERT INTO catalogs (id, name, kind, options, properties, owner, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(record.id.to_string())
        .bind(&record.name)
        .bind(&record.kind)
        .bind(json(&record.options)?)
        .bind(json(&record.with)?)
        .bind(&record.owner)
        .bind(record.created_at)
        .bind(record.updated_at)
        .execute(self.store.pool())
        .await;
        match inserted {
            Ok(_) => Ok(record),
            Err(sqlx::Error::Database(e)) if e.is_unique_violation() => {
                Err(Error::new(ErrorKind::DuplicateCatalog, format!("catalog \"{}\" already exists", record.name)))
            }
            Err(e) => Err(self.store.classify(e)),
        }
    }

    /// Marks a catalog as dropped; 3D000 if there is none of this name.
    pub async fn drop(&self, name: &str) -> Result<()> {
        let done = sqlx::query("UPDATE catalogs SET deleted_at = $2 WHERE name = $1 AND deleted_at IS NULL")
            .bind(name)
            .bind(Utc::now())
            .execute(self.store.pool())
            .await;
        match done.map_err(|e| self.store.classify(e))?.rows_affected() {
            0 => Err(Error::new(ErrorKind::UndefinedCatalog, format!("catalog \"{name}\" does not exist"))),
            _ => Ok(()),
        }
    }

    fn read(&self, row: &SqliteRow) -> Result<CatalogRecord> {
        let read = || -> Result<CatalogRecord, sqlx::Error> {
            Ok(CatalogRecord {
                id: id(row)?,
                name: row.try_get("name")?,
                kind: row.try_get("kind")?,
                options: map(row, "options")?,
                with: map(row, "properties")?,
                owner: row.try_get("owner")?,
                created_at: row.try_get("created_at")?,
                updated_at: row.try_get("updated_at")?,
            })
        };
        read().map_err(|e| self.store.classify(e))
    }
}

pub(crate) fn id(row: &SqliteRow) -> Result<Uuid, sqlx::Error> {
    let text: String = row.try_get("id")?;
    Uuid::parse_str(&text).map_err(|e| decode("id", e))
}

fn map(row: &SqliteRow, column: &str) -> Result<BTreeMap<String, String>, sqlx::Error> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|e| decode(column, e))
}

fn decode(column: &str, error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(error) }
}

fn json(map: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(map).map_err(|e| Error::internal("options are no JSON").with_source(e))
}
