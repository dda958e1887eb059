//! Catalogs: the sources that were created, with their secret options encrypted.

use crate::error::Failure;
use crate::row::{id, json, map};
use crate::store::Metastore;
use crate::vault;
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result, Secret};

/// Whether a catalog may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It may.
    Enabled,
    /// Its owner has switched it off.
    Disabled,
}

/// What can be changed of a catalog, without its secret values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogDefinition {
    /// Its name.
    pub name: String,
    /// How to connect: the options that may be shown.
    pub options: BTreeMap<String, String>,
    /// The secret, by name, whose values are options too.
    pub secret: Option<String>,
    /// How to behave.
    pub with: BTreeMap<String, String>,
    /// Whether it may be used.
    pub availability: Availability,
}

/// A catalog as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogRecord {
    /// Its id, which it keeps whatever changes.
    pub id: Uuid,
    /// The kind of its source.
    pub kind: String,
    /// What can be changed.
    pub definition: CatalogDefinition,
    /// The names of its secret options.
    pub secret_options: Vec<String>,
    /// Who created it.
    pub owner: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// A catalog to be.
#[derive(Clone)]
pub struct NewCatalog {
    /// The kind of its source.
    pub kind: String,
    /// Name, options and behaviour.
    pub definition: CatalogDefinition,
    /// Options that are stored encrypted.
    pub secrets: BTreeMap<String, Secret>,
    /// Who creates it.
    pub owner: String,
}

impl fmt::Debug for NewCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCatalog")
            .field("name", &self.definition.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// The repository of catalogs. Dropped ones keep their row and are not seen.
pub struct Catalogs<'m> {
    pub(crate) store: &'m Metastore,
}

impl Catalogs<'_> {
    /// Every catalog, by name.
    pub async fn list(&self) -> Result<Vec<CatalogRecord>> {
        let list = async {
            let mut connection = self.store.pool().acquire().await?;
            let rows = sqlx::query("SELECT * FROM catalogs WHERE deleted_at IS NULL ORDER BY name");
            let rows = rows.fetch_all(&mut *connection).await?;
            let mut secret_options = vault::names(&mut connection).await?;
            let read = |row| Ok(read(row, |id| secret_options.remove(&id).unwrap_or_default())?);
            rows.iter().map(read).collect::<Result<Vec<_>, Failure>>()
        };
        list.await.map_err(|e| self.store.told(e))
    }

    /// The catalog of this name that was dropped last.
    pub async fn dropped(&self, name: &str) -> Result<Option<CatalogRecord>> {
        let find = async {
            let mut connection = self.store.pool().acquire().await?;
            let row = sqlx::query(
                "SELECT * FROM catalogs WHERE name = $1 AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT 1",
            )
            .bind(name)
            .fetch_optional(&mut *connection)
            .await?;
            let Some(row) = row else { return Ok(None) };
            let mut secret_options = vault::names(&mut connection).await?;
            Ok(Some(read(&row, |id| secret_options.remove(&id).unwrap_or_default())?))
        };
        find.await.map_err(|e| self.store.told(e))
    }

    /// The secret options of a catalog; not those of the secret that it names.
    pub async fn secrets(&self, catalog: Uuid) -> Result<BTreeMap<String, Secret>> {
        let ring = self.store.vault().ring().await;
        let open = async { vault::open_all(&mut *self.store.pool().acquire().await?, &ring, catalog).await };
        open.await.map_err(|e| self.store.told(e))
    }

    /// Stores a new catalog; 42P04 if its name is taken, 42704 if its secret is not there.
    pub async fn create(&self, new: &NewCatalog) -> Result<CatalogRecord> {
        let now = Utc::now();
        let record = CatalogRecord {
            id: Uuid::now_v7(),
            kind: new.kind.clone(),
            definition: new.definition.clone(),
            secret_options: new.secrets.keys().cloned().collect(),
            owner: new.owner.clone(),
            created_at: now,
            updated_at: now,
        };
        let ring = self.store.vault().ring().await;
        let create = async {
            let mut transaction = self.store.begin().await?;
            let CatalogDefinition { name, options, secret, with, availability } = &record.definition;
            require_secret(&mut transaction, secret.as_deref()).await?;
            let inserted = sqlx::query(
                "INSERT INTO catalogs (id, name, kind, options, properties, owner, created_at, updated_at, secret, is_enabled) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(record.id.to_string())
            .bind(name)
            .bind(&record.kind)
            .bind(json(options)?)
            .bind(json(with)?)
            .bind(&record.owner)
            .bind(record.created_at)
            .bind(record.updated_at)
            .bind(secret)
            .bind(*availability == Availability::Enabled)
            .execute(&mut *transaction)
            .await;
            inserted.map_err(|e| taken(e, name))?;
            vault::put_all(&mut transaction, &ring, record.id, &new.secrets).await?;
            Ok(transaction.commit().await?)
        };
        create.await.map_err(|e| self.store.told(e))?;
        Ok(record)
    }

    /// Changes a catalog from what it was read as; 55006 if it has changed since. `secrets` takes the place of all its secret options, if given.
    pub async fn update(
        &self,
        before: &CatalogRecord,
        definition: CatalogDefinition,
        secrets: Option<&BTreeMap<String, Secret>>,
    ) -> Result<CatalogRecord> {
        let mut after = CatalogRecord { definition, updated_at: Utc::now(), ..before.clone() };
        let ring = self.store.vault().ring().await;
        let update = async {
            let mut transaction = self.store.begin().await?;
            let CatalogDefinition { name, options, secret, with, availability } = &after.definition;
            require_secret(&mut transaction, secret.as_deref()).await?;
            let updated = sqlx::query(
                "UPDATE catalogs SET name = $3, options = $4, properties = $5, secret = $6, is_enabled = $7, updated_at = $8 \
                 WHERE id = $1 AND updated_at = $2 AND deleted_at IS NULL",
            )
            .bind(before.id.to_string())
            .bind(before.updated_at)
            .bind(name)
            .bind(json(options)?)
            .bind(json(with)?)
            .bind(secret)
            .bind(*availability == Availability::Enabled)
            .bind(after.updated_at)
            .execute(&mut *transaction)
            .await;
            if updated.map_err(|e| taken(e, name))?.rows_affected() == 0 {
                return Err(changed(&before.definition.name).into());
            }
            if let Some(secrets) = secrets {
                vault::put_all(&mut transaction, &ring, before.id, secrets).await?;
            }
            Ok(transaction.commit().await?)
        };
        update.await.map_err(|e| self.store.told(e))?;
        if let Some(secrets) = secrets {
            after.secret_options = secrets.keys().cloned().collect();
        }
        Ok(after)
    }

    /// Marks a catalog as dropped; 55006 if it has changed since it was read.
    pub async fn drop(&self, record: &CatalogRecord) -> Result<()> {
        let done =
            sqlx::query("UPDATE catalogs SET deleted_at = $3 WHERE id = $1 AND updated_at = $2 AND deleted_at IS NULL")
                .bind(record.id.to_string())
                .bind(record.updated_at)
                .bind(Utc::now())
                .execute(self.store.pool())
                .await;
        match done.map_err(|e| self.store.classify(e))?.rows_affected() {
            0 => Err(changed(&record.definition.name)),
            _ => Ok(()),
        }
    }

    /// Brings a dropped catalog back; 42P04 if its name is taken by now, 42704 if its secret is gone.
    pub async fn undrop(&self, record: &CatalogRecord) -> Result<CatalogRecord> {
        let after = CatalogRecord { updated_at: Utc::now(), ..record.clone() };
        let undrop = async {
            let mut transaction = self.store.begin().await?;
            require_secret(&mut transaction, record.definition.secret.as_deref()).await?;
            let updated = sqlx::query(
                "UPDATE catalogs SET deleted_at = NULL, updated_at = $2 WHERE id = $1 AND deleted_at IS NOT NULL",
            )
            .bind(record.id.to_string())
            .bind(after.updated_at)
            .execute(&mut *transaction)
            .await;
            if updated.map_err(|e| taken(e, &record.definition.name))?.rows_affected() == 0 {
                return Err(changed(&record.definition.name).into());
            }
            Ok(transaction.commit().await?)
        };
        undrop.await.map_err(|e| self.store.told(e))?;
        Ok(after)
    }
}

/// The secret that a catalog names must be there when the catalog is.
async fn require_secret(connection: &mut SqliteConnection, secret: Option<&str>) -> Result<(), Failure> {
    let Some(name) = secret else { return Ok(()) };
    let found = sqlx::query("SELECT 1 FROM secrets WHERE name = $1").bind(name).fetch_optional(connection).await?;
    match found {
        Some(_) => Ok(()),
        None => Err(crate::secrets::undefined(name).into()),
    }
}

fn taken(error: sqlx::Error, name: &str) -> Failure {
    match error {
        sqlx::Error::Database(e) if e.is_unique_violation() => {
            Error::new(ErrorKind::DuplicateCatalog, format!("catalog \"{name}\" already exists")).into()
        }
        e => e.into(),
    }
}

fn changed(name: &str) -> Error {
    Error::new(ErrorKind::ObjectInUse, format!("catalog \"{name}\" was changed by another session"))
        .with_hint("Look at it again, and repeat the statement if it still applies.")
}

fn read(row: &SqliteRow, secret_options: impl FnOnce(Uuid) -> Vec<String>) -> Result<CatalogRecord, sqlx::Error> {
    let id = id(row)?;
    let enabled: bool = row.try_get("is_enabled")?;
    Ok(CatalogRecord {
        id,
        kind: row.try_get("kind")?,
        definition: CatalogDefinition {
            name: row.try_get("name")?,
            options: map(row, "options")?,
            secret: row.try_get("secret")?,
            with: map(row, "properties")?,
            availability: if enabled { Availability::Enabled } else { Availability::Disabled },
        },
        secret_options: secret_options(id),
        owner: row.try_get("owner")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
