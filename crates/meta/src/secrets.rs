//! Secrets by name: encrypted values that catalogs of one kind use.

use crate::db::{Id, Pool, Row, Transaction, now};
use crate::error::Failure;
use crate::store::Metastore;
use crate::vault;
use crate::versions::{Part, note};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result, Secret};

/// A secret as stored, without its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The kind of source that can use it.
    pub kind: String,
    /// The options that it has values for.
    pub options: Vec<String>,
    /// The catalogs that use it, in order.
    pub used_by: Vec<String>,
    /// Who created it.
    pub owner: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A secret to be.
#[derive(Clone)]
pub struct NewSecret {
    /// Its name.
    pub name: String,
    /// The kind of source that can use it.
    pub kind: String,
    /// Its values, by option.
    pub values: BTreeMap<String, Secret>,
    /// Who creates it.
    pub owner: String,
}

impl fmt::Debug for NewSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSecret").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The repository of secrets.
pub struct Secrets<'m> {
    pub(crate) store: &'m Metastore,
}

impl Secrets<'_> {
    /// Every secret, by name.
    pub async fn list(&self) -> Result<Vec<SecretRecord>> {
        let list = |db: Pool| async move {
            let mut snapshot = db.snapshot().await?;
            let rows = snapshot.query("SELECT * FROM secrets ORDER BY name").fetch_all().await?;
            let mut options = vault::names(&mut snapshot).await?;
            let mut records = Vec::with_capacity(rows.len());
            for row in &rows {
                let name: String = row.try_get("name")?;
                let used_by = users(&mut snapshot, &name).await?;
                records.push(read(row, used_by, |id| options.remove(&id).unwrap_or_default())?);
            }
            Ok(records)
        };
        self.store.read(list).await
    }

    /// The kind and the values of a secret; nothing if there is none of this name.
    pub async fn values(&self, name: &str) -> Result<Option<(String, BTreeMap<String, Secret>)>> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let values = self.values_now(name).await;
            if !self.store.vault().may_have_changed(attempt, &values) {
                return values;
            }
        }
    }

    async fn values_now(&self, name: &str) -> Result<Option<(String, BTreeMap<String, Secret>)>> {
        let ring = &self.store.vault().ring().await?;
        let open = |db: Pool| async move {
            let mut snapshot = db.snapshot().await?;
            let row = snapshot.query("SELECT id, kind FROM secrets WHERE name = $1").bind(name);
            let Some(row) = row.fetch_optional().await? else { return Ok(None) };
            let values = vault::open_all(&mut snapshot, ring, row.id()?).await?;
            Ok(Some((row.try_get("kind")?, values)))
        };
        self.store.read(open).await
    }

    /// Stores a new secret; 42710 if its name is taken.
    pub async fn create(&self, new: &NewSecret) -> Result<()> {
        let vault = self.store.vault();
        let ring = &vault.ring().await?;
        let create = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let id = Uuid::now_v7();
            let inserted = transaction
                .query(
                    "INSERT INTO secrets (id, name, kind, owner, created_at) VALUES ($1, $2, $3, $4, $5) \
                     ON CONFLICT (name) DO NOTHING",
                )
                .bind(Id(id))
                .bind(&new.name)
                .bind(&new.kind)
                .bind(&new.owner)
                .bind(now());
            if inserted.execute().await? == 0 {
                return Err(duplicate(&new.name).into());
            }
            vault.put_all(&mut transaction, ring, id, &new.values).await?;
            note(&mut transaction, Part::Secrets, &new.name, &new.owner).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(create).await
    }

    /// Deletes a secret; 42704 if there is none of this name, 55006 with the list if catalogs use it.
    pub async fn drop(&self, name: &str, by: &str) -> Result<()> {
        let drop = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let row = transaction.query("SELECT id FROM secrets WHERE name = $1").bind(name);
            let row = row.fetch_optional().await?.ok_or_else(|| undefined(name))?;
            let users = users(&mut transaction, name).await?;
            if !users.is_empty() {
                return Err(in_use(name, &users).into());
            }
            vault::remove_all(&mut transaction, row.id()?).await?;
            transaction.query("DELETE FROM secrets WHERE name = $1").bind(name).execute().await?;
            note(&mut transaction, Part::Secrets, name, by).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(drop).await
    }
}

/// The catalogs that use a secret.
async fn users(transaction: &mut Transaction, name: &str) -> Result<Vec<String>, Failure> {
    let users = transaction.query("SELECT name FROM catalogs WHERE secret = $1 AND deleted_at IS NULL ORDER BY name");
    let users = users.bind(name).fetch_all().await?;
    Ok(users.iter().map(|row| row.try_get("name")).collect::<Result<_, _>>()?)
}

pub(crate) fn undefined(name: &str) -> Error {
    Error::new(ErrorKind::UndefinedObject, format!("secret \"{name}\" does not exist"))
        .with_hint("SHOW SECRETS lists them; CREATE SECRET adds one.")
}

fn duplicate(name: &str) -> Error {
    Error::new(ErrorKind::DuplicateObject, format!("secret \"{name}\" already exists"))
}

fn in_use(name: &str, users: &[String]) -> Error {
    Error::new(ErrorKind::ObjectInUse, format!("secret \"{name}\" is in use"))
        .with_detail(format!("Catalogs that use it: {}.", users.join(", ")))
        .with_hint("Drop these catalogs first, or give them another secret: ALTER CATALOG … OPTIONS (SET secret …).")
}

fn read(
    row: &Row,
    used_by: Vec<String>,
    options: impl FnOnce(Uuid) -> Vec<String>,
) -> Result<SecretRecord, sqlx::Error> {
    let id = row.id()?;
    Ok(SecretRecord {
        id,
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        options: options(id),
        used_by,
        owner: row.try_get("owner")?,
        created_at: row.try_get("created_at")?,
    })
}
