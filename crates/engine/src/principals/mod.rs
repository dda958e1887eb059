//! Roles, their members and what was granted to them, as they are now: held in memory, because every statement asks. What another gateway has changed is
//! followed as its catalogs are. It must not know statements.

mod password;
mod rights;
mod thing;

pub(crate) use password::stored;
pub use password::{invalid_password, verifier};
pub use rights::{Held, Rights, Within};
pub use thing::{Kind, Thing};

use parking_lot::{Mutex, RwLock};
use rights::RoleRights;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;
use weft_core::{Error, Result};
use weft_meta::{GrantRecord, MemberRecord, Metastore, PUBLIC, PrincipalRecords, Role};

/// What is in force. Its clones are the same.
#[derive(Clone)]
pub struct Principals {
    metastore: Arc<Metastore>,
    now: Arc<RwLock<Arc<Snapshot>>>,
    /// Held while it is read and put in force.
    learning: Arc<tokio::sync::Mutex<()>>,
}

/// Roles and grants at one moment.
#[derive(Default)]
pub struct Snapshot {
    /// Another one for each snapshot.
    number: u64,
    roles: HashMap<String, Role>,
    names: HashMap<Uuid, String>,
    members: Vec<MemberRecord>,
    grants: Vec<GrantRecord>,
    /// What roles may do, of those that have asked.
    made: Mutex<HashMap<String, Arc<RoleRights>>>,
}

impl Principals {
    /// Reads what is stored.
    pub async fn open(metastore: Arc<Metastore>) -> Result<Principals> {
        let principals = Principals { metastore, now: Arc::default(), learning: Arc::default() };
        principals.learn().await?;
        Ok(principals)
    }

    /// Puts in force what is stored.
    pub async fn learn(&self) -> Result<()> {
        // Who reads later puts in force later.
        let _alone = self.learning.lock().await;
        let records = self.metastore.grants().all().await?;
        let number = self.now.read().number + 1;
        let snapshot = Arc::new(Snapshot::of(records, number));
        *self.now.write() = snapshot;
        Ok(())
    }

    /// Does it to its end, even if the statement is cancelled meanwhile, and puts in force what is stored then.
    pub async fn changed<T: Send + 'static>(
        &self,
        change: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let this = self.clone();
        let done = tokio::spawn(async move {
            let done = change.await;
            this.learn().await?;
            done
        });
        done.await.map_err(|e| Error::internal("a change of roles broke off").with_source(e))?
    }

    /// What is in force.
    pub fn now(&self) -> Arc<Snapshot> {
        self.now.read().clone()
    }

    /// What a role may do; nothing if there is no such role.
    pub fn rights(&self, role: &str) -> Rights {
        self.now().rights(role)
    }
}

impl fmt::Debug for Principals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} roles", self.now().roles.len())
    }
}

impl Snapshot {
    fn of(records: PrincipalRecords, number: u64) -> Snapshot {
        Snapshot {
            number,
            names: records.roles.iter().map(|role| (role.id, role.name.clone())).collect(),
            roles: records.roles.into_iter().map(|role| (role.name.clone(), role)).collect(),
            members: records.members,
            grants: records.grants,
            made: Mutex::default(),
        }
    }

    /// Another one for each snapshot: what was decided by this one need not be decided anew.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The role of this name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.get(name)
    }

    /// Every role, by name.
    pub fn roles(&self) -> Vec<&Role> {
        let mut roles: Vec<_> = self.roles.values().collect();
        roles.sort_by(|a, b| a.name.cmp(&b.name));
        roles
    }

    /// The name of the role with this id; `PUBLIC` of everybody.
    pub fn name_of(&self, id: Uuid) -> &str {
        if id == PUBLIC {
            return "PUBLIC";
        }
        self.names.get(&id).map_or("", String::as_str)
    }

    /// Every grant.
    pub fn grants(&self) -> &[GrantRecord] {
        &self.grants
    }

    /// Every membership.
    pub fn members(&self) -> &[MemberRecord] {
        &self.members
    }

    /// What a role may do; nothing if there is no such role.
    pub fn rights(&self, name: &str) -> Rights {
        match self.roles.get(name) {
            Some(role) if role.superuser => Rights::Everything,
            Some(role) => {
                let mut made = self.made.lock();
                let rights = made.entry(name.to_owned()).or_insert_with(|| Arc::new(self.make(role)));
                Rights::Of(rights.clone())
            }
            None => Rights::Of(Arc::new(RoleRights::new(name, HashSet::new()))),
        }
    }

    /// What everybody may do.
    pub fn everybodys(&self) -> Rights {
        let mut rights = RoleRights::new("PUBLIC", HashSet::new());
        self.grants.iter().filter(|g| g.role == PUBLIC).for_each(|grant| rights.add(grant));
        Rights::Of(Arc::new(rights))
    }

    fn make(&self, role: &Role) -> RoleRights {
        let belongs = self.belongs(role.id);
        let names = belongs.iter().map(|id| self.name_of(*id).to_owned()).collect();
        let mut rights = RoleRights::new(&role.name, names);
        let ours = self.grants.iter().filter(|g| g.role == PUBLIC || belongs.contains(&g.role));
        ours.for_each(|grant| rights.add(grant));
        rights
    }

    /// The role, and those of which it is a member, be it by way of others.
    fn belongs(&self, role: Uuid) -> HashSet<Uuid> {
        let mut seen = HashSet::from([role]);
        let mut next = vec![role];
        while let Some(one) = next.pop() {
            for of in self.members.iter().filter(|m| m.member == one).map(|m| m.role) {
                if seen.insert(of) {
                    next.push(of);
                }
            }
        }
        seen
    }

    /// The names of the role and of those of which it is a member.
    pub fn belongs_to(&self, name: &str) -> HashSet<String> {
        let ids = self.roles.get(name).map(|role| self.belongs(role.id)).unwrap_or_default();
        ids.into_iter().map(|id| self.name_of(id).to_owned()).collect()
    }

    /// Whether a role is another one or a member of it; a superuser is one of all.
    pub fn is_member(&self, name: &str, of: &str) -> bool {
        let superuser = self.roles.get(name).is_some_and(|role| role.superuser);
        superuser || self.belongs_to(name).contains(of)
    }

    /// Whether a role may make others members of one.
    pub fn may_give(&self, name: &str, role: &str) -> bool {
        let Some(by) = self.roles.get(name) else { return false };
        let Some(role) = self.roles.get(role) else { return by.superuser };
        let belongs = self.belongs(by.id);
        let admin = |m: &MemberRecord| m.admin && m.role == role.id && belongs.contains(&m.member);
        by.superuser || (!role.superuser && self.members.iter().any(admin))
    }
}
