//! The rows of sealed values: written and read with the keys of the vault. Errors of the database are the caller's to classify.

use super::Ring;
use super::key::Sealed;
use crate::error::Failure;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;
use weft_core::Secret;

/// Seals and stores the values of an object, in place of those that it had.
pub(crate) async fn put_all(
    connection: &mut SqliteConnection,
    ring: &Ring,
    object: Uuid,
    values: &BTreeMap<String, Secret>,
) -> Result<(), Failure> {
    remove_all(connection, object).await?;
    for (name, value) in values {
        let sealed = ring.seal(object, name, value)?;
        put(connection, object, name, &sealed).await?;
    }
    Ok(())
}

/// Stores one sealed value, in place of the one that there was.
pub(super) async fn put(
    connection: &mut SqliteConnection,
    object: Uuid,
    name: &str,
    sealed: &Sealed,
) -> Result<(), Failure> {
    sqlx::query(
        "INSERT OR REPLACE INTO secret_values (object_id, name, key_id, nonce, ciphertext) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(object.to_string())
    .bind(name)
    .bind(&sealed.key_id)
    .bind(&sealed.nonce)
    .bind(&sealed.ciphertext)
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes the values of an object.
pub(crate) async fn remove_all(connection: &mut SqliteConnection, object: Uuid) -> Result<(), Failure> {
    let deleted = sqlx::query("DELETE FROM secret_values WHERE object_id = $1").bind(object.to_string());
    deleted.execute(connection).await?;
    Ok(())
}

/// The values of an object, opened.
pub(crate) async fn open_all(
    connection: &mut SqliteConnection,
    ring: &Ring,
    object: Uuid,
) -> Result<BTreeMap<String, Secret>, Failure> {
    let rows = sqlx::query("SELECT * FROM secret_values WHERE object_id = $1").bind(object.to_string());
    let mut values = BTreeMap::new();
    for row in rows.fetch_all(connection).await? {
        let (_, name, sealed) = read(&row)?;
        let value = ring.open(object, &name, &sealed)?;
        values.insert(name, value);
    }
    Ok(values)
}

/// The names of every object's values.
pub(crate) async fn names(connection: &mut SqliteConnection) -> Result<BTreeMap<Uuid, Vec<String>>, Failure> {
    let rows = sqlx::query("SELECT object_id AS id, name FROM secret_values ORDER BY name").fetch_all(connection);
    let mut names: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for row in rows.await? {
        names.entry(crate::row::id(&row)?).or_default().push(row.try_get("name")?);
    }
    Ok(names)
}

/// The keys under which there are values.
pub(super) async fn keys(connection: &mut SqliteConnection) -> Result<HashSet<String>, Failure> {
    let keys: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT key_id FROM secret_values").fetch_all(connection).await?;
    Ok(keys.into_iter().collect())
}

/// Some of the values that are not under this key: object, name, value.
pub(super) async fn others(
    connection: &mut SqliteConnection,
    key_id: &str,
    limit: u32,
) -> Result<Vec<(Uuid, String, Sealed)>, Failure> {
    let rows = sqlx::query("SELECT * FROM secret_values WHERE key_id <> $1 LIMIT $2").bind(key_id).bind(limit);
    let rows = rows.fetch_all(connection).await?;
    rows.iter().map(|row| Ok(read(row)?)).collect()
}

fn read(row: &SqliteRow) -> Result<(Uuid, String, Sealed), sqlx::Error> {
    let sealed =
        Sealed { key_id: row.try_get("key_id")?, nonce: row.try_get("nonce")?, ciphertext: row.try_get("ciphertext")? };
    Ok((crate::row::uuid(row, "object_id")?, row.try_get("name")?, sealed))
}
