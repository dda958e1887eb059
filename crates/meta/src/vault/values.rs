//! The rows of sealed values: written and read with the keys of the vault. Errors of the database are the caller's to classify.

use super::key::Sealed;
use super::{Ring, Vault};
use crate::db::{Id, Row, Transaction};
use crate::error::Failure;
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;
use weft_core::Secret;

impl Vault {
    /// Seals and stores the values of an object, in place of those that it had. No other transaction may write meanwhile.
    pub(crate) async fn put_all(
        &self,
        transaction: &mut Transaction,
        ring: &Ring,
        object: Uuid,
        values: &BTreeMap<String, Secret>,
    ) -> Result<(), Failure> {
        remove_all(transaction, object).await?;
        if !values.is_empty() {
            self.still_in_force(transaction, ring).await?;
        }
        for (name, value) in values {
            let sealed = ring.seal(object, name, value)?;
            put(transaction, object, name, &sealed).await?;
        }
        Ok(())
    }
}

/// Stores one sealed value, in place of the one that there was.
pub(super) async fn put(
    transaction: &mut Transaction,
    object: Uuid,
    name: &str,
    sealed: &Sealed,
) -> Result<(), Failure> {
    transaction
        .query(
            "INSERT INTO secret_values (object_id, name, key_id, nonce, ciphertext) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (object_id, name) DO UPDATE SET key_id = excluded.key_id, nonce = excluded.nonce, \
             ciphertext = excluded.ciphertext",
        )
        .bind(Id(object))
        .bind(name)
        .bind(&sealed.key_id)
        .bind(&sealed.nonce)
        .bind(&sealed.ciphertext)
        .execute()
        .await?;
    Ok(())
}

/// Deletes the values of an object.
pub(crate) async fn remove_all(transaction: &mut Transaction, object: Uuid) -> Result<(), Failure> {
    transaction.query("DELETE FROM secret_values WHERE object_id = $1").bind(Id(object)).execute().await?;
    Ok(())
}

/// The values of an object, opened.
pub(crate) async fn open_all(
    transaction: &mut Transaction,
    ring: &Ring,
    object: Uuid,
) -> Result<BTreeMap<String, Secret>, Failure> {
    let rows = transaction.query("SELECT * FROM secret_values WHERE object_id = $1").bind(Id(object));
    let mut values = BTreeMap::new();
    for row in rows.fetch_all().await? {
        let (_, name, sealed) = read(&row)?;
        let value = ring.open(object, &name, &sealed)?;
        values.insert(name, value);
    }
    Ok(values)
}

/// The names of every object's values.
pub(crate) async fn names(transaction: &mut Transaction) -> Result<BTreeMap<Uuid, Vec<String>>, Failure> {
    let rows = transaction.query("SELECT object_id AS id, name FROM secret_values ORDER BY name").fetch_all();
    let mut names: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for row in rows.await? {
        names.entry(row.id()?).or_default().push(row.try_get("name")?);
    }
    Ok(names)
}

/// The keys under which there are values.
pub(super) async fn keys(transaction: &mut Transaction) -> Result<HashSet<String>, Failure> {
    let keys = transaction.query("SELECT DISTINCT key_id FROM secret_values").fetch_all().await?;
    Ok(keys.iter().map(|row| row.try_get("key_id")).collect::<Result<_, _>>()?)
}

/// Some of the values that are not under this key: object, name, value.
pub(super) async fn others(
    transaction: &mut Transaction,
    key_id: &str,
    limit: i64,
) -> Result<Vec<(Uuid, String, Sealed)>, Failure> {
    let rows = transaction.query("SELECT * FROM secret_values WHERE key_id <> $1 LIMIT $2").bind(key_id).bind(limit);
    let rows = rows.fetch_all().await?;
    rows.iter().map(|row| Ok(read(row)?)).collect()
}

fn read(row: &Row) -> Result<(Uuid, String, Sealed), sqlx::Error> {
    let sealed =
        Sealed { key_id: row.try_get("key_id")?, nonce: row.try_get("nonce")?, ciphertext: row.try_get("ciphertext")? };
    Ok((row.uuid("object_id")?, row.try_get("name")?, sealed))
}
