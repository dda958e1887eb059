//! Roles. It must not know what a role may do with an object.

use crate::db::{Id, Pool, Row, Transaction, now};
use crate::error::Failure;
use crate::store::Metastore;
use crate::versions::{Part, note};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;
use weft_core::name::quote_identifier;
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
    /// When its password expires.
    pub valid_until: Option<DateTime<Utc>>,
    /// How many sessions it may have at once on one gateway.
    pub connection_limit: Option<u32>,
    /// Session variables with which its sessions begin.
    pub variables: BTreeMap<String, String>,
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

impl Role {
    /// A role that is not stored yet: it may nothing, not even log in.
    pub fn new(name: impl Into<String>) -> Role {
        Role {
            id: Uuid::now_v7(),
            name: name.into(),
            verifier: None,
            superuser: false,
            login: false,
            valid_until: None,
            connection_limit: None,
            variables: BTreeMap::new(),
            created_at: now(),
        }
    }
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

    /// Stores a new role and makes it a member of others; 42710 if its name is taken, 42704 if one of the others is not there.
    pub async fn create(&self, role: &Role, member_of: &[String], by: &str) -> Result<()> {
        let create = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let inserted = transaction
                .query(
                    "INSERT INTO roles (id, name, verifier, is_superuser, can_login, created_at, valid_until, connection_limit, variables) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING",
                )
                .bind(Id(role.id))
                .bind(&role.name)
                .bind(&role.verifier)
                .bind(role.superuser)
                .bind(role.login)
                .bind(role.created_at)
                .bind(role.valid_until)
                .bind(limit(role))
                .bind(Json(&role.variables))
                .execute()
                .await?;
            if inserted == 0 {
                return Err(taken(&role.name).into());
            }
            for name in member_of {
                let of = required(&mut transaction, name).await?;
                transaction
                    .query("INSERT INTO role_members (role_id, member_id, is_admin, grantor, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
                    .bind(Id(of.id))
                    .bind(Id(role.id))
                    .bind(false)
                    .bind(by)
                    .bind(now())
                    .execute()
                    .await?;
            }
            note(&mut transaction, Part::Roles, &role.name, by).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(create).await
    }

    /// Changes a role; 42704 if it is not there, 42710 if its new name is taken, 55000 if no superuser could log in any more. What it owns follows its name.
    pub async fn alter(&self, name: &str, by: &str, change: impl FnOnce(&mut Role) + Send) -> Result<()> {
        let alter = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let mut role = required(&mut transaction, name).await?;
            change(&mut role);
            if role.name != name {
                let other = transaction.query("SELECT 1 FROM roles WHERE name = $1").bind(&role.name);
                if other.fetch_optional().await?.is_some() {
                    return Err(taken(&role.name).into());
                }
            }
            transaction
                .query(
                    "UPDATE roles SET name = $2, verifier = $3, is_superuser = $4, can_login = $5, valid_until = $6, connection_limit = $7, \
                     variables = $8 WHERE id = $1",
                )
                .bind(Id(role.id))
                .bind(&role.name)
                .bind(&role.verifier)
                .bind(role.superuser)
                .bind(role.login)
                .bind(role.valid_until)
                .bind(limit(&role))
                .bind(Json(&role.variables))
                .execute()
                .await?;
            require_superuser(&mut transaction).await?;
            if role.name != name {
                follow_name(&mut transaction, name, &role.name, by).await?;
            }
            note(&mut transaction, Part::Roles, &role.name, by).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(alter).await
    }

    /// Gives everything that a role owns to another one; 42704 if one of them is not there.
    pub async fn reassign(&self, from: &str, to: &str, by: &str) -> Result<()> {
        let reassign = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            required(&mut transaction, from).await?;
            required(&mut transaction, to).await?;
            follow_name(&mut transaction, from, to, by).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(reassign).await
    }

    /// Removes roles with what was granted to them; 42704 if one is not there, 2BP01 if one owns something, 55000 if no superuser were left.
    pub async fn drop(&self, names: &[String], by: &str) -> Result<()> {
        let drop = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            for name in names {
                let role = required(&mut transaction, name).await?;
                owns_nothing(&mut transaction, name).await?;
                for sql in [
                    "DELETE FROM role_members WHERE role_id = $1 OR member_id = $1",
                    "DELETE FROM grants WHERE role_id = $1",
                    "DELETE FROM roles WHERE id = $1",
                ] {
                    transaction.query(sql).bind(Id(role.id)).execute().await?;
                }
                transaction.query("DELETE FROM favorites WHERE role_name = $1").bind(name).execute().await?;
                // What it has left behind must not become that of another role of its name.
                for sql in [
                    "UPDATE catalogs SET owner = $2 WHERE owner = $1",
                    "UPDATE datasets SET owner = $2 WHERE owner = $1",
                    "UPDATE grants SET grantor = $2 WHERE grantor = $1",
                    "UPDATE role_members SET grantor = $2 WHERE grantor = $1",
                ] {
                    transaction.query(sql).bind(name).bind(by).execute().await?;
                }
                note(&mut transaction, Part::Roles, name, by).await?;
            }
            require_superuser(&mut transaction).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(drop).await
    }
}

/// The role of this name, in a transaction; 42704 if it is not there.
pub(crate) async fn required(transaction: &mut Transaction, name: &str) -> Result<Role, Failure> {
    let row = transaction.query("SELECT * FROM roles WHERE name = $1").bind(name).fetch_optional().await?;
    match row {
        Some(row) => Ok(read(&row)?),
        None => Err(Error::new(ErrorKind::UndefinedObject, format!("role \"{name}\" does not exist")).into()),
    }
}

/// Somebody must be able to administer.
async fn require_superuser(transaction: &mut Transaction) -> Result<(), Failure> {
    let rows = transaction.query("SELECT * FROM roles").fetch_all().await?;
    for row in &rows {
        let role = read(row)?;
        if role.superuser && role.login {
            return Ok(());
        }
    }
    let message = "no superuser would be left who can log in";
    Err(Error::new(ErrorKind::ObjectNotInPrerequisiteState, message).with_hint("Make another one first.").into())
}

/// 2BP01 if it owns something, with what that is.
async fn owns_nothing(transaction: &mut Transaction, name: &str) -> Result<(), Failure> {
    let mut owned = Vec::new();
    for (kind, sql) in [
        ("catalog", "SELECT name FROM catalogs WHERE owner = $1 AND deleted_at IS NULL ORDER BY name"),
        ("view", "SELECT name FROM datasets WHERE owner = $1 AND deleted_at IS NULL ORDER BY name"),
        ("schedule", "SELECT name FROM schedules WHERE owner = $1 ORDER BY name"),
        ("secret", "SELECT name FROM secrets WHERE owner = $1 ORDER BY name"),
        ("folder", "SELECT path AS name FROM folders WHERE owner = $1 ORDER BY path"),
    ] {
        for row in transaction.query(sql).bind(name).fetch_all().await? {
            owned.push(format!("owner of {kind} {}", row.try_get::<String>("name")?));
        }
    }
    if owned.is_empty() {
        return Ok(());
    }
    let message = format!("role \"{name}\" cannot be dropped because some objects depend on it");
    Err(Error::new(ErrorKind::DependentObjects, message)
        .with_detail(owned.join("\n"))
        .with_hint(format!("REASSIGN OWNED BY {} TO … gives them to somebody else.", quote_identifier(name)))
        .into())
}

/// What a role owns and has granted follows its name.
async fn follow_name(transaction: &mut Transaction, before: &str, after: &str, by: &str) -> Result<(), Failure> {
    for sql in [
        "UPDATE catalogs SET owner = $2 WHERE owner = $1",
        "UPDATE datasets SET owner = $2 WHERE owner = $1",
        "UPDATE schedules SET owner = $2 WHERE owner = $1",
        "UPDATE secrets SET owner = $2 WHERE owner = $1",
        "UPDATE folders SET owner = $2 WHERE owner = $1",
        "UPDATE jobs SET owner = $2 WHERE owner = $1",
        "UPDATE grants SET grantor = $2 WHERE grantor = $1",
        "UPDATE role_members SET grantor = $2 WHERE grantor = $1",
        "DELETE FROM favorites WHERE role_name = $1 AND EXISTS (SELECT 1 FROM favorites AS f WHERE f.role_name = $2 \
         AND f.catalog_id = favorites.catalog_id AND f.schema_name = favorites.schema_name AND f.table_name = favorites.table_name)",
        "UPDATE favorites SET role_name = $2 WHERE role_name = $1",
    ] {
        transaction.query(sql).bind(before).bind(after).execute().await?;
    }
    for part in [Part::Catalogs, Part::Datasets, Part::Schedules, Part::Annotations, Part::Grants] {
        note(transaction, part, after, by).await?;
    }
    Ok(())
}

fn taken(name: &str) -> Error {
    Error::new(ErrorKind::DuplicateObject, format!("role \"{name}\" already exists"))
}

/// -1 is none, as in `pg_roles`.
fn limit(role: &Role) -> i64 {
    role.connection_limit.map_or(-1, i64::from)
}

pub(crate) fn read(row: &Row) -> Result<Role, sqlx::Error> {
    Ok(Role {
        id: row.id()?,
        name: row.try_get("name")?,
        verifier: row.try_get("verifier")?,
        superuser: row.try_get("is_superuser")?,
        login: row.try_get("can_login")?,
        valid_until: row.try_get("valid_until")?,
        connection_limit: u32::try_from(row.try_get::<i64>("connection_limit")?).ok(),
        variables: row.map("variables")?,
        created_at: row.try_get("created_at")?,
    })
}
