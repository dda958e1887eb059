//! Who is a member of whom, and what was granted to whom. It must not know what a privilege allows, nor whether an object is there.

use crate::db::{Id, Pool, Row, Transaction, now};
use crate::error::Failure;
use crate::roles::{self, Role};
use crate::store::Metastore;
use crate::versions::{Part, note};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Privilege, Privileges, Result};

mod dependents;

/// To whom everybody belongs.
pub const PUBLIC: Uuid = Uuid::nil();

/// What a privilege is on: a view, or a catalog, a schema or a table of it. The names below it are empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GrantObject {
    /// The id of the view, or of the catalog.
    pub id: Uuid,
    /// The schema in the catalog.
    pub schema: String,
    /// The table in that.
    pub table: String,
}

impl GrantObject {
    /// A view, or a whole catalog.
    pub fn whole(id: Uuid) -> GrantObject {
        GrantObject { id, schema: String::new(), table: String::new() }
    }

    /// Whether the other one is it or lies in it.
    pub fn covers(&self, other: &GrantObject) -> bool {
        self.id == other.id
            && (self.schema.is_empty() || self.schema == other.schema)
            && (self.table.is_empty() || self.table == other.table)
    }
}

/// A privilege that somebody was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRecord {
    /// To whom.
    pub role: Uuid,
    /// On what.
    pub object: GrantObject,
    /// Which.
    pub privilege: Privilege,
    /// Whether they may grant it on.
    pub grantable: bool,
    /// By whom.
    pub grantor: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    /// Of which role.
    pub role: Uuid,
    /// Who.
    pub member: Uuid,
    /// Whether they may give it to others.
    pub admin: bool,
    /// By whom.
    pub grantor: String,
}

/// All of it at one moment.
#[derive(Debug, Clone, Default)]
pub struct PrincipalRecords {
    /// The roles.
    pub roles: Vec<Role>,
    /// Who is a member of whom.
    pub members: Vec<MemberRecord>,
    /// What was granted.
    pub grants: Vec<GrantRecord>,
}

/// Whether what is granted may be granted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantOption {
    /// It may.
    With,
    /// It may not.
    Without,
}

/// What a REVOKE takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// All of it.
    Everything,
    /// Only that it may be granted on.
    Option,
}

/// What becomes of what others were granted by whom a privilege is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependents {
    /// It forbids it.
    Restrict,
    /// It is taken too.
    Cascade,
}

/// What is granted or revoked: each privilege on each object, to or from each role.
#[derive(Debug, Clone)]
pub struct Terms {
    /// To whom, or from whom.
    pub roles: Vec<Uuid>,
    /// On what.
    pub objects: Vec<GrantObject>,
    /// Which.
    pub privileges: Privileges,
}

/// The repository of grants.
pub struct Grants<'m> {
    pub(crate) store: &'m Metastore,
}

impl Grants<'_> {
    /// Everything that is known of roles, at one moment.
    pub async fn all(&self) -> Result<PrincipalRecords> {
        let all = |db: Pool| async move {
            let mut snapshot = db.snapshot().await?;
            let roles = snapshot.query("SELECT * FROM roles ORDER BY name").fetch_all().await?;
            let roles = roles.iter().map(roles::read).collect::<Result<_, _>>()?;
            Ok(PrincipalRecords { roles, members: members(&mut snapshot).await?, grants: grants(&mut snapshot).await? })
        };
        self.store.read(all).await
    }

    /// Grants.
    pub async fn grant(&self, terms: &Terms, option: GrantOption, about: &str, by: &str) -> Result<()> {
        let grant = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            for role in &terms.roles {
                require_role(&mut transaction, *role).await?;
                for object in &terms.objects {
                    for privilege in terms.privileges.iter() {
                        let sql = "INSERT INTO grants (role_id, object_id, schema_name, table_name, privilege, is_grantable, grantor, created_at) \
                                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                                   ON CONFLICT (role_id, object_id, schema_name, table_name, privilege) DO UPDATE SET \
                                   is_grantable = CASE WHEN excluded.is_grantable THEN excluded.is_grantable ELSE grants.is_grantable END";
                        transaction
                            .query(sql)
                            .bind(Id(*role))
                            .bind(Id(object.id))
                            .bind(&object.schema)
                            .bind(&object.table)
                            .bind(privilege.word())
                            .bind(option == GrantOption::With)
                            .bind(by)
                            .bind(now())
                            .execute()
                            .await?;
                    }
                }
            }
            note(&mut transaction, Part::Grants, about, by).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(grant).await
    }

    /// Revokes what was granted, by these roles alone if they are named; 2BP01 if others were granted it on and that forbids it.
    pub async fn revoke(
        &self,
        terms: &Terms,
        what: Revoked,
        dependents: Dependents,
        granted_by: Option<&HashSet<String>>,
        about: &str,
        by: &str,
    ) -> Result<()> {
        let revoke = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let all = grants(&mut transaction).await?;
            let roles = transaction.query("SELECT * FROM roles").fetch_all().await?;
            let roles: Vec<Role> = roles.iter().map(roles::read).collect::<Result<_, _>>()?;
            let names: HashMap<Uuid, String> = roles.into_iter().map(|role| (role.id, role.name)).collect();
            let asked = |grant: &GrantRecord| {
                terms.roles.contains(&grant.role)
                    && terms.objects.contains(&grant.object)
                    && terms.privileges.has(grant.privilege)
                    && granted_by.is_none_or(|by| by.contains(&grant.grantor))
            };
            for (grant, what) in dependents::closure(&all, &names, asked, what, dependents)? {
                let sql = match what {
                    Revoked::Everything => {
                        "DELETE FROM grants WHERE role_id = $1 AND object_id = $2 AND schema_name = $3 AND table_name = $4 AND privilege = $5"
                    }
                    Revoked::Option => {
                        "UPDATE grants SET is_grantable = $6 WHERE role_id = $1 AND object_id = $2 AND schema_name = $3 AND table_name = $4 AND privilege = $5"
                    }
                };
                let query = transaction
                    .query(sql)
                    .bind(Id(grant.role))
                    .bind(Id(grant.object.id))
                    .bind(&grant.object.schema)
                    .bind(&grant.object.table)
                    .bind(grant.privilege.word());
                match what {
                    Revoked::Everything => query.execute().await?,
                    Revoked::Option => query.bind(false).execute().await?,
                };
            }
            note(&mut transaction, Part::Grants, about, by).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(revoke).await
    }

    /// Makes roles members of others; 0LP01 if they would be members of each other.
    pub async fn join(&self, roles: &[String], members: &[String], option: GrantOption, by: &str) -> Result<()> {
        let join = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            for role in roles {
                let of = roles::required(&mut transaction, role).await?;
                for name in members {
                    let member = roles::required(&mut transaction, name).await?;
                    let known = self::members(&mut transaction).await?;
                    if of.id == member.id || is_member(&known, of.id, member.id) {
                        let message = format!("role \"{role}\" is a member of role \"{name}\"");
                        return Err(Error::new(ErrorKind::InvalidGrantOperation, message).into());
                    }
                    let sql = "INSERT INTO role_members (role_id, member_id, is_admin, grantor, created_at) VALUES ($1, $2, $3, $4, $5) \
                               ON CONFLICT (role_id, member_id) DO UPDATE SET \
                               is_admin = CASE WHEN excluded.is_admin THEN excluded.is_admin ELSE role_members.is_admin END";
                    let query = transaction.query(sql).bind(Id(of.id)).bind(Id(member.id));
                    query.bind(option == GrantOption::With).bind(by).bind(now()).execute().await?;
                }
                note(&mut transaction, Part::Grants, role, by).await?;
            }
            Ok(transaction.commit().await?)
        };
        self.store.write(join).await
    }

    /// Takes roles from their members; tells which of them were none, as pairs of role and member.
    pub async fn part(
        &self,
        roles: &[String],
        members: &[String],
        what: Revoked,
        by: &str,
    ) -> Result<Vec<(String, String)>> {
        let part = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let mut strangers = Vec::new();
            for role in roles {
                let of = roles::required(&mut transaction, role).await?;
                for name in members {
                    let member = roles::required(&mut transaction, name).await?;
                    let query = match what {
                        Revoked::Everything => {
                            transaction.query("DELETE FROM role_members WHERE role_id = $1 AND member_id = $2")
                        }
                        Revoked::Option => transaction
                            .query("UPDATE role_members SET is_admin = NOT is_admin WHERE role_id = $1 AND member_id = $2 AND is_admin"),
                    };
                    if query.bind(Id(of.id)).bind(Id(member.id)).execute().await? == 0 {
                        strangers.push((role.clone(), name.clone()));
                    }
                }
                note(&mut transaction, Part::Grants, role, by).await?;
            }
            transaction.commit().await?;
            Ok(strangers)
        };
        self.store.write(part).await
    }
}

/// Whether a role is a member of another one, be it by way of others.
fn is_member(known: &[MemberRecord], member: Uuid, of: Uuid) -> bool {
    let mut seen = HashSet::from([member]);
    let mut next = vec![member];
    while let Some(one) = next.pop() {
        for record in known.iter().filter(|r| r.member == one) {
            if record.role == of {
                return true;
            }
            if seen.insert(record.role) {
                next.push(record.role);
            }
        }
    }
    false
}

/// A role may have been dropped since it was looked up.
async fn require_role(transaction: &mut Transaction, id: Uuid) -> Result<(), Failure> {
    if id == PUBLIC {
        return Ok(());
    }
    match transaction.query("SELECT 1 FROM roles WHERE id = $1").bind(Id(id)).fetch_optional().await? {
        Some(_) => Ok(()),
        None => Err(Error::new(ErrorKind::UndefinedObject, "the role does not exist any more").into()),
    }
}

async fn members(transaction: &mut Transaction) -> Result<Vec<MemberRecord>, Failure> {
    let rows = transaction.query("SELECT * FROM role_members ORDER BY role_id, member_id").fetch_all().await?;
    let member = |row: &Row| {
        Ok(MemberRecord {
            role: row.uuid("role_id")?,
            member: row.uuid("member_id")?,
            admin: row.try_get("is_admin")?,
            grantor: row.try_get("grantor")?,
        })
    };
    Ok(rows.iter().map(member).collect::<Result<_, sqlx::Error>>()?)
}

async fn grants(transaction: &mut Transaction) -> Result<Vec<GrantRecord>, Failure> {
    let rows = transaction
        .query("SELECT * FROM grants ORDER BY object_id, schema_name, table_name, role_id, privilege")
        .fetch_all()
        .await?;
    let grant = |row: &Row| {
        let word: String = row.try_get("privilege")?;
        Ok(GrantRecord {
            role: row.uuid("role_id")?,
            object: GrantObject {
                id: row.uuid("object_id")?,
                schema: row.try_get("schema_name")?,
                table: row.try_get("table_name")?,
            },
            privilege: Privilege::named(&word)
                .ok_or_else(|| sqlx::Error::Decode(format!("privilege {word}").into()))?,
            grantable: row.try_get("is_grantable")?,
            grantor: row.try_get("grantor")?,
            created_at: row.try_get("created_at")?,
        })
    };
    Ok(rows.iter().map(grant).collect::<Result<_, sqlx::Error>>()?)
}
