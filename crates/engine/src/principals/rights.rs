//! What one role may do: the privileges of all roles that it belongs to, and of everybody, by object. A privilege on a catalog or schema is one on everything
//! in it. It must not know who asks.

use super::thing::{Kind, Thing};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;
use weft_core::name::quote_identifier;
use weft_core::{Error, ErrorKind, Privilege, Privileges, Result};
use weft_meta::GrantRecord;

/// What somebody may do.
#[derive(Debug, Clone)]
pub enum Rights {
    /// Nothing is forbidden.
    Everything,
    /// What was granted to a role.
    Of(Arc<RoleRights>),
}

/// The privileges of a role.
#[derive(Debug)]
pub struct RoleRights {
    name: String,
    /// The names of the roles that it belongs to, its own among them.
    belongs: HashSet<String>,
    /// By catalog or view.
    trees: HashMap<Uuid, Tree>,
}

/// Privileges on an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// What may be done.
    pub may: Privileges,
    /// What may be granted to others.
    pub may_grant: Privileges,
}

#[derive(Debug, Default)]
struct Tree {
    whole: Held,
    schemas: HashMap<String, Branch>,
}

#[derive(Debug, Default)]
struct Branch {
    whole: Held,
    tables: HashMap<String, Held>,
}

impl Held {
    fn or(self, other: Held) -> Held {
        Held { may: self.may.or(other.may), may_grant: self.may_grant.or(other.may_grant) }
    }

    fn everything() -> Held {
        Held { may: Privileges::all(), may_grant: Privileges::all() }
    }

    /// Only this, and not to be granted on.
    fn only(privileges: &[Privilege]) -> Held {
        Held { may: privileges.iter().copied().collect(), may_grant: Privileges::NONE }
    }

    fn add(&mut self, grant: &GrantRecord) {
        self.may = self.may.with(grant.privilege);
        if grant.grantable {
            self.may_grant = self.may_grant.with(grant.privilege);
        }
    }
}

impl RoleRights {
    pub(super) fn new(name: &str, belongs: HashSet<String>) -> RoleRights {
        RoleRights { name: name.to_owned(), belongs, trees: HashMap::new() }
    }

    pub(super) fn add(&mut self, grant: &GrantRecord) {
        let object = &grant.object;
        let tree = self.trees.entry(object.id).or_default();
        if object.schema.is_empty() {
            return tree.whole.add(grant);
        }
        let branch = tree.schemas.entry(object.schema.clone()).or_default();
        if object.table.is_empty() {
            return branch.whole.add(grant);
        }
        branch.tables.entry(object.table.clone()).or_default().add(grant);
    }

    fn owns(&self, owner: Option<&str>) -> bool {
        owner.is_some_and(|owner| self.belongs.contains(owner))
    }

    /// Whether nothing of a catalog is hidden: something was granted on the whole of it. System tables everybody sees.
    fn sees_all_of(&self, catalog: &Thing) -> bool {
        let granted = |tree: &Tree| !tree.whole.may.is_empty();
        catalog.is_system()
            || self.owns(catalog.catalog_owner())
            || self.trees.get(&catalog.catalog_id()).is_some_and(granted)
    }

    /// What is held on a thing, by itself or by what it lies in.
    fn held(&self, thing: &Thing) -> Held {
        if self.owns(thing.owner()) || self.owns(thing.catalog_owner()) {
            return Held::everything();
        }
        let mut held = thing.everybodys().map_or_else(Held::default, Held::only);
        if let Some(tree) = self.trees.get(&thing.catalog_id()) {
            held = held.or(tree.whole);
            if let Some(branch) = thing.schema().and_then(|schema| tree.schemas.get(schema)) {
                held = held.or(branch.whole);
                if let Some(table) = thing.table().and_then(|table| branch.tables.get(table)) {
                    held = held.or(*table);
                }
            }
        }
        match thing.view_id().and_then(|id| self.trees.get(&id)) {
            Some(view) => held.or(view.whole),
            None => held,
        }
    }
}

impl Rights {
    /// Whether nothing is forbidden.
    pub fn is_everything(&self) -> bool {
        matches!(self, Rights::Everything)
    }

    /// What is held on a thing, by itself or by what it lies in.
    pub fn held(&self, thing: &Thing) -> Held {
        match self {
            Rights::Everything => Held::everything(),
            Rights::Of(role) => role.held(thing),
        }
    }

    /// Whether a thing may be used so: that takes the way to it, too.
    pub fn may(&self, thing: &Thing, privilege: Privilege) -> bool {
        match self {
            Rights::Everything => true,
            Rights::Of(role) => allows(role.held(thing).may, privilege) && self.may_enter(thing),
        }
    }

    /// Whether the catalog or schema that a thing lies in, or is, may be entered.
    pub fn may_enter(&self, thing: &Thing) -> bool {
        match self {
            Rights::Everything => true,
            Rights::Of(role) => role.owns(thing.owner()) || role.held(&thing.place()).may.has(Privilege::Usage),
        }
    }

    /// Whether it is of a role that this owner is or that belongs to it.
    pub fn owns(&self, owner: &str) -> bool {
        match self {
            Rights::Everything => true,
            Rights::Of(role) => role.owns(Some(owner)),
        }
    }

    /// 42501 unless one may enter where the thing lies.
    pub fn require_entry(&self, thing: &Thing) -> Result<()> {
        if self.may_enter(thing) {
            return Ok(());
        }
        let place = thing.place();
        Err(denied(&place).with_hint(format!("GRANT USAGE ON {} TO {} opens it.", place.words(), self.grantee())))
    }

    /// 42501 unless the thing may be used so.
    pub fn require(&self, thing: &Thing, privilege: Privilege) -> Result<()> {
        let Rights::Of(role) = self else { return Ok(()) };
        if allows(role.held(thing).may, privilege) {
            return self.require_entry(thing);
        }
        let hint = match self.may_enter(thing) {
            true => format!("GRANT {privilege} ON {} TO {} allows it.", thing.words(), self.grantee()),
            false => format!(
                "GRANT USAGE ON {} TO {grantee} and GRANT {privilege} ON {} TO {grantee} allow it.",
                thing.place().words(),
                thing.words(),
                grantee = self.grantee(),
            ),
        };
        Err(denied(thing).with_hint(hint))
    }

    /// The error for a thing that may not be used, as PostgreSQL says it.
    pub fn denied(&self, thing: &Thing) -> Error {
        denied(thing)
    }

    fn grantee(&self) -> String {
        match self {
            Rights::Everything => "PUBLIC".to_owned(),
            Rights::Of(role) => quote_identifier(&role.name),
        }
    }

    /// What may be seen of a catalog.
    pub fn within<'r>(&'r self, catalog: &Thing) -> Within<'r> {
        match self {
            Rights::Everything => Within { role: None, everything: true, tree: None },
            Rights::Of(role) => Within {
                role: Some(role),
                everything: role.sees_all_of(catalog),
                tree: role.trees.get(&catalog.catalog_id()),
            },
        }
    }

    /// Whether a thing is shown: something on it, above it or below it was granted.
    pub fn sees(&self, thing: &Thing) -> bool {
        let within = self.within(&thing.catalog());
        match (thing.schema(), thing.table()) {
            (None, _) => thing.is_common() || within.sees_any(),
            (Some(schema), None) => within.sees_schema(schema),
            (Some(schema), Some(table)) => within.sees(schema, table, thing.view()),
        }
    }

    /// The same role with the same privileges, not only equal ones.
    pub fn is_same(&self, other: &Rights) -> bool {
        match (self, other) {
            (Rights::Everything, Rights::Everything) => true,
            (Rights::Of(a), Rights::Of(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// What a role sees of a catalog.
pub struct Within<'r> {
    role: Option<&'r Arc<RoleRights>>,
    everything: bool,
    tree: Option<&'r Tree>,
}

impl Within<'_> {
    /// Whether nothing is hidden.
    pub fn sees_everything(&self) -> bool {
        self.everything
    }

    /// Whether there is anything that is not hidden.
    pub fn sees_any(&self) -> bool {
        self.everything || self.tree.is_some()
    }

    /// Whether the schema is shown.
    pub fn sees_schema(&self, schema: &str) -> bool {
        self.everything || self.tree.is_some_and(|tree| tree.schemas.contains_key(schema))
    }

    /// Whether the table is shown; of a view of the lake its id and owner.
    pub fn sees(&self, schema: &str, table: &str, view: Option<(Uuid, &str)>) -> bool {
        let in_tree = || {
            let branch = self.tree.and_then(|tree| tree.schemas.get(schema));
            branch.is_some_and(|b| !b.whole.may.is_empty() || b.tables.contains_key(table))
        };
        let by_itself = || {
            let (Some(role), Some((id, owner))) = (self.role, view) else { return false };
            role.owns(Some(owner)) || role.trees.contains_key(&id)
        };
        self.everything || in_tree() || by_itself()
    }
}

/// Who may read a table may see its first rows.
fn allows(held: Privileges, wanted: Privilege) -> bool {
    held.has(wanted) || (wanted == Privilege::Preview && held.has(Privilege::Select))
}

/// As PostgreSQL says it.
fn denied(thing: &Thing) -> Error {
    let kind = match thing.kind() {
        Kind::Catalog => "catalog",
        Kind::Schema => "schema",
        Kind::Table => "table",
        Kind::View => "view",
    };
    Error::new(ErrorKind::InsufficientPrivilege, format!("permission denied for {kind} {}", thing.last()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_meta::GrantObject;

    fn grant(schema: &str, table: &str, privilege: Privilege) -> GrantRecord {
        GrantRecord {
            role: Uuid::from_u128(1),
            object: GrantObject { id: Uuid::from_u128(7), schema: schema.to_owned(), table: table.to_owned() },
            privilege,
            grantable: false,
            grantor: "weft".to_owned(),
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    fn rights(grants: &[GrantRecord]) -> Rights {
        let mut role = RoleRights::new("r", HashSet::from(["r".to_owned()]));
        grants.iter().for_each(|g| role.add(g));
        Rights::Of(Arc::new(role))
    }

    /// Catches: a table that can be read without the way to it, and a privilege that does not reach what lies below.
    #[test]
    fn reading_takes_the_way_and_the_table() {
        use Privilege::{Select, Usage};
        let catalog = Thing::of_catalog(Uuid::from_u128(7), "c", Some("weft"));
        let table = catalog.schema_in("s").table_in("t");
        for (grants, may) in [
            (vec![], false),
            (vec![grant("", "", Usage)], false),
            (vec![grant("s", "t", Select)], false),
            (vec![grant("", "", Select)], false),
            (vec![grant("", "", Usage), grant("s", "t", Select)], true),
            (vec![grant("s", "", Usage), grant("", "", Select)], true),
            (vec![grant("x", "", Usage), grant("s", "t", Select)], false),
            (vec![grant("", "", Usage), grant("s", "u", Select)], false),
        ] {
            let rights = rights(&grants);
            assert_eq!(rights.may(&table, Select), may, "{grants:?}");
            assert_eq!(rights.require(&table, Select).is_ok(), may, "{grants:?}");
        }
    }

    /// Catches: a listing that shows what nothing was granted on, or hides what something was.
    #[test]
    fn what_is_granted_is_seen() {
        let catalog = Thing::of_catalog(Uuid::from_u128(7), "c", Some("weft"));
        let one = rights(&[grant("s", "t", Privilege::Preview)]);
        let sees = |thing: &Thing| one.sees(thing);
        assert!(sees(&catalog) && sees(&catalog.schema_in("s")) && sees(&catalog.schema_in("s").table_in("t")));
        assert!(!sees(&catalog.schema_in("x")) && !sees(&catalog.schema_in("s").table_in("u")));
        assert!(!rights(&[]).sees(&catalog));
        assert!(rights(&[grant("s", "", Privilege::Usage)]).sees(&catalog.schema_in("s").table_in("u")));
        let owner = Thing::of_catalog(Uuid::from_u128(8), "d", Some("r"));
        assert!(one.may(&owner.schema_in("s").table_in("t"), Privilege::Insert));
    }
}
