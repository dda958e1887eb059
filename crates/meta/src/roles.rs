//! Roles.

use crate::store::Metastore;
use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::fmt;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};

/// A role as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its SCRAM-SHA-256 verifier as PostgreSQL writes it; none: no password fits.
    pub verifier: Option<String>,
    /// Whether nothing is forbidden to it.
    pub superuser: bool,
    /// Whether it may log in.
    pub login: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// The verifier is as good as a password to a thief.
impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Role")
            .field("name", &self.name)
            .field("superuser", &self.superuser)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

/// A role to be.
#[derive(Clone)]
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// Its verifier.
    pub verifier: Option<String>,
    /// Whether nothing is forbidden to it.
    pub superuser: bool,
    /// Whether it may log in.
    pub login: bool,
}

/// The repository of roles.
pub struct Roles<'m> {
    pub(crate) store: &'m Metastore,
}

impl Roles<'_> {
    /// The role of this name.
    pub async fn get(&self, name: &str) -> Result<Option<Role>> {
        let row = sqlx::query("SELECT * FROM roles WHERE name = $1").bind(name).fetch_optional(self.store.pool()).await;
        row.map_err(|e| self.store.classify(e))?.map(|row| self.read(&row)).transpose()
    }

    /// Every role, by name.
    pub async fn list(&self) -> Result<Vec<Role>> {
        let rows = sqlx::query("SELECT * FROM roles ORDER BY name").fetch_all(self.store.pool()).await;
        rows.map_err(|e| self.store.classify(e))?.iter().map(|row| self.read(row)).collect()
    }

    /// Stores a new role; 42710 if its name is taken.
    pub async fn create(&self, new: &NewRole) -> Result<Role> {
        let role = Role {
            id: Uuid::now_v7(),
            name: new.name.clone(),
            verifier: new.verifier.clone(),
            superuser: new.superuser,
            login: new.login,
            created_at: Utc::now(),
        };
        let inserted = sqlx::query(
            "INSERT INTO roles (id, name, verifier, is_superuser, can_login, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(role.id.to_string())
        .bind(&role.name)
        .bind(&role.verifier)
        .bind(role.superuser)
        .bind(role.login)
        .bind(role.created_at)
        .execute(self.store.pool())
        .await;
        match inserted {
            Ok(_) => Ok(role),
            Err(sqlx::Error::Database(e)) if e.is_unique_violation() => {
                Err(Error::new(ErrorKind::DuplicateObject, format!("role \"{}\" already exists", role.name)))
            }
            Err(e) => Err(self.store.classify(e)),
        }
    }

    /// Changes the verifier; 42704 if there is no such role.
    pub async fn set_verifier(&self, name: &str, verifier: Option<&str>) -> Result<()> {
        let done = sqlx::query("UPDATE roles SET verifier = $2 WHERE name = $1")
            .bind(name)
            .bind(verifier)
            .execute(self.store.pool())
            .await;
        match done.map_err(|e| self.store.classify(e))?.rows_affected() {
            0 => Err(Error::new(ErrorKind::UndefinedObject, format!("role \"{name}\" does not exist"))),
            _ => Ok(()),
        }
    }

    fn read(&self, row: &SqliteRow) -> Result<Role> {
        let read = || -> Result<Role, sqlx::Error> {
            Ok(Role {
                id: crate::row::id(row)?,
                name: row.try_get("name")?,
                verifier: row.try_get("verifier")?,
                superuser: row.try_get("is_superuser")?,
                login: row.try_get("can_login")?,
                created_at: row.try_get("created_at")?,
            })
        };
        read().map_err(|e| self.store.classify(e))
    }
}
