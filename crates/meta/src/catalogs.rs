//! Catalogs: the sources that were created, with their secret options encrypted.

use crate::db::{Id, Pool, Row, Transaction, now};
use crate::error::Failure;
use crate::store::Metastore;
use crate::vault;
use crate::versions::{Part, note};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::types::Json;
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
        let list = |db: Pool| async move {
            let mut snapshot = db.snapshot().await?;
            let rows = snapshot.query("SELECT * FROM catalogs WHERE deleted_at IS NULL ORDER BY name");
            let rows = rows.fetch_all().await?;
            let mut secret_options = vault::names(&mut snapshot).await?;
            let read = |row| Ok(read(row, |id| secret_options.remove(&id).unwrap_or_default())?);
            rows.iter().map(read).collect::<Result<Vec<_>, Failure>>()
        };
        self.store.read(list).await
    }

    /// The catalog of this name that was dropped last.
    pub async fn dropped(&self, name: &str) -> Result<Option<CatalogRecord>> {
        let find = |db: Pool| async move {
            let mut snapshot = db.snapshot().await?;
            let row = snapshot.query(
                "SELECT * FROM catalogs WHERE name = $1 AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT 1",
            );
            let Some(row) = row.bind(name).fetch_optional().await? else { return Ok(None) };
            let mut secret_options = vault::names(&mut snapshot).await?;
            Ok(Some(read(&row, |id| secret_options.remove(&id).unwrap_or_default())?))
        };
        self.store.read(find).await
    }

    /// The secret options of a catalog; not those of the secret that it names.
    pub async fn secrets(&self, catalog: Uuid) -> Result<BTreeMap<String, Secret>> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let ring = &self.store.vault().ring().await?;
            let open = |db: Pool| async move { vault::open_all(&mut db.snapshot().await?, ring, catalog).await };
            let values = self.store.read(open).await;
            if !self.store.vault().may_have_changed(attempt, &values) {
                return values;
            }
        }
    }

    /// Stores a new catalog; 42P04 if its name is taken, 42704 if its secret is not there.
    pub async fn create(&self, new: &NewCatalog) -> Result<CatalogRecord> {
        let now = now();
        let record = CatalogRecord {
            id: Uuid::now_v7(),
            kind: new.kind.clone(),
            definition: new.definition.clone(),
            secret_options: new.secrets.keys().cloned().collect(),
            owner: new.owner.clone(),
            created_at: now,
            updated_at: now,
        };
        let vault = self.store.vault();
        let ring = &vault.ring().await?;
        let create = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let CatalogDefinition { name, options, secret, with, availability } = &record.definition;
            require_secret(&mut transaction, secret.as_deref()).await?;
            let inserted = transaction
                .query(
                    "INSERT INTO catalogs (id, name, kind, options, properties, owner, created_at, updated_at, secret, is_enabled) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                )
                .bind(Id(record.id))
                .bind(name)
                .bind(&record.kind)
                .bind(Json(options))
                .bind(Json(with))
                .bind(&record.owner)
                .bind(record.created_at)
                .bind(record.updated_at)
                .bind(secret)
                .bind(*availability == Availability::Enabled);
            inserted.execute().await.map_err(|e| taken(e, name))?;
            vault.put_all(&mut transaction, ring, record.id, &new.secrets).await?;
            note(&mut transaction, Part::Catalogs, name, &new.owner).await?;
            transaction.commit().await?;
            Ok(record)
        };
        self.store.write(create).await
    }

    /// Changes a catalog from what it was read as; 55006 if it has changed since. `secrets` takes the place of all its secret options, if given.
    pub async fn update(
        &self,
        before: &CatalogRecord,
        definition: CatalogDefinition,
        secrets: Option<&BTreeMap<String, Secret>>,
        by: &str,
    ) -> Result<CatalogRecord> {
        let mut after = CatalogRecord { definition, updated_at: after(before), ..before.clone() };
        let vault = self.store.vault();
        let ring = &vault.ring().await?;
        let update = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let CatalogDefinition { name, options, secret, with, availability } = &after.definition;
            require_secret(&mut transaction, secret.as_deref()).await?;
            let updated = transaction
                .query(
                    "UPDATE catalogs SET name = $3, options = $4, properties = $5, secret = $6, is_enabled = $7, updated_at = $8 \
                     WHERE id = $1 AND updated_at = $2 AND deleted_at IS NULL",
                )
                .bind(Id(before.id))
                .bind(before.updated_at)
                .bind(name)
                .bind(Json(options))
                .bind(Json(with))
                .bind(secret)
                .bind(*availability == Availability::Enabled)
                .bind(after.updated_at);
            if updated.execute().await.map_err(|e| taken(e, name))? == 0 {
                return Err(changed(&before.definition.name).into());
            }
            if let Some(secrets) = secrets {
                vault.put_all(&mut transaction, ring, before.id, secrets).await?;
                after.secret_options = secrets.keys().cloned().collect();
            }
            note(&mut transaction, Part::Catalogs, &before.definition.name, by).await?;
            transaction.commit().await?;
            Ok(after)
        };
        self.store.write(update).await
    }

    /// Marks a catalog as dropped; 55006 if it has changed since it was read.
    pub async fn drop(&self, record: &CatalogRecord, by: &str) -> Result<()> {
        let drop = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let dropped = transaction
                .query("UPDATE catalogs SET deleted_at = $3 WHERE id = $1 AND updated_at = $2 AND deleted_at IS NULL")
                .bind(Id(record.id))
                .bind(record.updated_at)
                .bind(now());
            if dropped.execute().await? == 0 {
                return Err(changed(&record.definition.name).into());
            }
            note(&mut transaction, Part::Catalogs, &record.definition.name, by).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(drop).await
    }

    /// Brings a dropped catalog back; 42P04 if its name is taken by now, 42704 if its secret is gone.
    pub async fn undrop(&self, record: &CatalogRecord, by: &str) -> Result<CatalogRecord> {
        let after = CatalogRecord { updated_at: after(record), ..record.clone() };
        let undrop = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            require_secret(&mut transaction, record.definition.secret.as_deref()).await?;
            let updated = transaction
                .query(
                    "UPDATE catalogs SET deleted_at = NULL, updated_at = $2 WHERE id = $1 AND deleted_at IS NOT NULL",
                )
                .bind(Id(record.id))
                .bind(after.updated_at);
            if updated.execute().await.map_err(|e| taken(e, &record.definition.name))? == 0 {
                return Err(changed(&record.definition.name).into());
            }
            note(&mut transaction, Part::Catalogs, &record.definition.name, by).await?;
            transaction.commit().await?;
            Ok(after)
        };
        self.store.write(undrop).await
    }
}

/// The secret that a catalog names must be there when the catalog is.
async fn require_secret(transaction: &mut Transaction, secret: Option<&str>) -> Result<(), Failure> {
    let Some(name) = secret else { return Ok(()) };
    let found = transaction.query("SELECT 1 FROM secrets WHERE name = $1").bind(name).fetch_optional().await?;
    match found {
        Some(_) => Ok(()),
        None => Err(crate::secrets::undefined(name).into()),
    }
}

/// The time of a change: another one than that of the change before, however fast they follow, for it tells them apart.
fn after(before: &CatalogRecord) -> DateTime<Utc> {
    now().max(before.updated_at + TimeDelta::microseconds(1))
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

fn read(row: &Row, secret_options: impl FnOnce(Uuid) -> Vec<String>) -> Result<CatalogRecord, sqlx::Error> {
    let id = row.id()?;
    let enabled: bool = row.try_get("is_enabled")?;
    Ok(CatalogRecord {
        id,
        kind: row.try_get("kind")?,
        definition: CatalogDefinition {
            name: row.try_get("name")?,
            options: row.map("options")?,
            secret: row.try_get("secret")?,
            with: row.map("properties")?,
            availability: if enabled { Availability::Enabled } else { Availability::Disabled },
        },
        secret_options: secret_options(id),
        owner: row.try_get("owner")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
