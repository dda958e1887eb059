//! Roles.

use crate::db::{Id, Pool, Row, now};
use crate::store::Metastore;
use crate::versions::{Part, note};
use chrono::{DateTime, Utc};
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
        let get = |db: Pool| async move {
            let row = db.query("SELECT * FROM roles WHERE name = $1").bind(name).fetch_optional().await?;
            Ok(row.as_ref().map(read).transpose()?)
        };
        self.store.read(get).await
    }

    /// Every role, by name.
    pub async fn list(&self) -> Result<Vec<Role>> {
        let list = |db: Pool| async move {
            let rows = db.query("SELECT * FROM roles ORDER BY name").fetch_all().await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }

    /// Stores a new role; 42710 if its name is taken.
    pub async fn create(&self, new: &NewRole) -> Result<Role> {
        let role = Role {
            id: Uuid::now_v7(),
            name: new.name.clone(),
            verifier: new.verifier.clone(),
            superuser: new.superuser,
            login: new.login,
            created_at: now(),
        };
        let create = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let inserted = transaction
                .query(
                    "INSERT INTO roles (id, name, verifier, is_superuser, can_login, created_at) \
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING",
                )
                .bind(Id(role.id))
                .bind(&role.name)
                .bind(&role.verifier)
                .bind(role.superuser)
                .bind(role.login)
                .bind(role.created_at)
                .execute()
                .await?;
            if inserted == 0 {
                let message = format!("role \"{}\" already exists", role.name);
                return Err(Error::new(ErrorKind::DuplicateObject, message).into());
            }
            note(&mut transaction, Part::Roles, &role.name, &role.name).await?;
            transaction.commit().await?;
            Ok(role)
        };
        self.store.write(create).await
    }

    /// Changes the verifier; 42704 if there is no such role.
    pub async fn set_verifier(&self, name: &str, verifier: Option<&str>) -> Result<()> {
        let set = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let update = transaction.query("UPDATE roles SET verifier = $2 WHERE name = $1").bind(name).bind(verifier);
            if update.execute().await? == 0 {
                return Err(Error::new(ErrorKind::UndefinedObject, format!("role \"{name}\" does not exist")).into());
            }
            note(&mut transaction, Part::Roles, name, name).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(set).await
    }
}

fn read(row: &Row) -> Result<Role, sqlx::Error> {
    Ok(Role {
        id: row.id()?,
        name: row.try_get("name")?,
        verifier: row.try_get("verifier")?,
        superuser: row.try_get("is_superuser")?,
        login: row.try_get("can_login")?,
        created_at: row.try_get("created_at")?,
    })
}
