//! The directory of one catalog: its schemas and relations with their numbers, and what all catalogs share (roles, databases). Made once for a
//! statement, so that all of a statement sees the same; both the tables behind `pg_catalog` and the functions that turn numbers into names read it.

mod inventory;

use super::internal::{DatabaseRow, FunctionRow, InternalRoleRow};
use super::rows::{as_count, databases, internal_roles};
use super::table::Rows;
use super::{Oid, SystemRow};
use crate::catalog::{LAKE, Listing, Table, snapshot};
use crate::environment::Environment;
use crate::gateway::Gateway;
use crate::principals::{Rights, Snapshot, Thing};
pub use inventory::Inventory;
use lru::LruCache;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// The number of PostgreSQL's own `pg_catalog`, which clients know by heart.
pub const PG_CATALOG_OID: u32 = 11;

/// A catalog's objects with their numbers, as one statement sees them.
pub struct Directory {
    inventory: Arc<Inventory>,
    roles: Vec<InternalRoleRow>,
    databases: Vec<DatabaseRow>,
    functions: &'static [FunctionRow],
    user: String,
    search_path: Vec<String>,
    gateway: Arc<Gateway>,
    principals: Arc<Snapshot>,
}

/// Inventories of what roles see that are kept, where that is not all of a catalog.
const PARTIAL: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// What a role sees of a catalog, and the rights by which it does.
type Partial = (Rights, Arc<Inventory>);

/// The inventories that are in force, one for each catalog, and one for each role that sees a part of one.
pub struct Inventories {
    kept: Mutex<HashMap<String, Arc<Inventory>>>,
    /// By catalog and role.
    partial: Mutex<LruCache<(String, String), Partial>>,
}

impl Default for Inventories {
    fn default() -> Self {
        Inventories { kept: Mutex::default(), partial: Mutex::new(LruCache::new(PARTIAL)) }
    }
}

impl Inventories {
    /// The inventory of a catalog as it is now, as this role sees it.
    async fn get(&self, environment: &Environment, catalog: &str) -> Result<Arc<Inventory>> {
        let gateway = &environment.gateway;
        let catalogs = gateway.catalogs();
        let listing = environment.drafts.listed(snapshot(catalogs, catalog).await?);
        let rights = environment.viewer();
        if !rights.is_everything() {
            let within = rights.within(&catalogs.thing(catalog)?);
            if !within.sees_everything() {
                let key = (catalog.to_owned(), environment.user.clone());
                if let Some((of, kept)) = self.partial.lock().get(&key)
                    && of.is_same(&rights)
                    && Arc::ptr_eq(&kept.basis, &listing)
                {
                    return Ok(kept.clone());
                }
                let seen = inventory::seen(&listing, &within);
                let inventory = Arc::new(Inventory::of(listing, seen));
                self.partial.lock().put(key, (rights.clone(), inventory.clone()));
                return Ok(inventory);
            }
        }
        if catalog == LAKE && !environment.drafts.is_empty() {
            // The transaction's alone, and soon another one.
            return Ok(Arc::new(Inventory::of(listing.clone(), listing)));
        }
        self.whole(gateway, catalog, listing)
    }

    /// The inventory of all that a catalog holds, which is in this listing.
    fn whole(&self, gateway: &Gateway, catalog: &str, listing: Arc<Listing>) -> Result<Arc<Inventory>> {
        if let Some(kept) = self.kept.lock().get(catalog).filter(|kept| Arc::ptr_eq(&kept.basis, &listing)) {
            return Ok(kept.clone());
        }
        let inventory = Arc::new(Inventory::of(listing.clone(), listing));
        let there = gateway.catalogs().names();
        {
            let mut kept = self.kept.lock();
            kept.retain(|name, _| there.contains(name));
            kept.insert(catalog.to_owned(), inventory.clone());
        }
        // Plans that stand on the one before would keep it in memory.
        gateway.plans().forget_catalog(catalog);
        Ok(inventory)
    }

    /// What this role sees of a catalog, tables that cannot be queried among them.
    pub async fn listing(&self, environment: &Environment, catalog: &str) -> Result<Arc<Listing>> {
        if environment.viewer().is_everything() {
            return Ok(environment.drafts.listed(snapshot(environment.gateway.catalogs(), catalog).await?));
        }
        Ok(self.get(environment, catalog).await?.whole.clone())
    }
}

impl Directory {
    /// The directory of the current catalog.
    pub async fn of(environment: &Environment) -> Result<Directory> {
        Ok(Directory {
            inventory: environment.gateway.inventories().get(environment, &environment.path.catalog).await?,
            roles: internal_roles(&environment.gateway, &environment.user),
            databases: databases(&environment.gateway, &environment.viewer()),
            functions: super::routines::rows(environment),
            user: environment.user.clone(),
            search_path: environment.path.schemas.clone(),
            gateway: environment.gateway.clone(),
            principals: environment.gateway.principals().now(),
        })
    }

    /// Whether it is still what a statement of this user with these schemas in its path would see. What a role sees that does not see everything is made anew.
    pub async fn is_current(&self, gateway: &Gateway, user: &str, search_path: &[String]) -> Result<bool> {
        let principals = gateway.principals().now();
        let rights = gateway.principals().rights(user);
        let is_the_same = self.user == user && self.search_path == search_path;
        if !is_the_same || !rights.is_everything() || self.principals.number() != principals.number() {
            return Ok(false);
        }
        // A catalog that is gone is told of when the statement is bound anew.
        let Ok(listing) = snapshot(gateway.catalogs(), self.catalog()).await else { return Ok(false) };
        let inventory = gateway.inventories().whole(gateway, self.catalog(), listing)?;
        Ok(Arc::ptr_eq(&self.inventory, &inventory) && self.databases == databases(gateway, &rights))
    }

    /// The name of the catalog.
    pub fn catalog(&self) -> &str {
        &self.inventory.listing.catalog
    }

    /// Who runs the statement.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Roles and what was granted to them.
    pub fn principals(&self) -> &Arc<Snapshot> {
        &self.principals
    }

    /// A catalog as privileges know it, if it is there.
    pub fn thing(&self, catalog: &str) -> Option<Thing> {
        self.gateway.catalogs().thing(catalog).ok()
    }

    /// A table or view of the catalog as privileges know it.
    pub fn thing_of(&self, table: &Table) -> Option<Thing> {
        let schema = self.thing(self.catalog())?.schema_in(&table.schema);
        Some(match &table.view {
            Some((id, owner)) => schema.view_in(&table.name, *id, owner),
            None => schema.table_in(&table.name),
        })
    }

    /// The tables and views that can be queried.
    pub fn tables(&self) -> &[Table] {
        &self.inventory.listing.tables
    }

    /// The bytes of all its tables, as far as they are known.
    pub fn bytes(&self) -> i64 {
        self.inventory.listing.tables.iter().filter_map(|t| t.bytes).map(as_count).sum()
    }

    /// The roles.
    pub fn roles(&self) -> &[InternalRoleRow] {
        &self.roles
    }

    /// The catalogs, as databases.
    pub fn databases(&self) -> &[DatabaseRow] {
        &self.databases
    }

    /// The functions, one for each way to call them.
    pub fn functions(&self) -> &[FunctionRow] {
        self.functions
    }

    /// The table or view with this number.
    pub fn relation(&self, oid: i64) -> Option<&Table> {
        self.inventory.relation(oid)
    }

    /// Schema and name of the table, view or index with this number.
    pub fn relation_name(&self, oid: i64) -> Option<(&str, &str)> {
        match self.relation(oid) {
            Some(table) => Some((&table.schema, &table.name)),
            None => self.inventory.index(oid).map(|(table, index)| (table.schema.as_str(), index.name.as_str())),
        }
    }

    /// The relation of this name, or the one that the search path finds.
    pub fn find_relation(&self, schema: Option<&str>, name: &str) -> Option<Oid> {
        let of =
            |schema: &str| self.inventory.relation_oid(schema, name).or_else(|| self.inventory.index_oid(schema, name));
        match schema {
            Some(schema) => of(schema),
            None => self.visible_schemas().find_map(of),
        }
    }

    /// Whether a bare name finds this relation.
    pub fn is_visible(&self, oid: i64) -> Option<bool> {
        let (schema, name) = self.relation_name(oid)?;
        if !self.visible_schemas().any(|visible| visible == schema) {
            return Some(false);
        }
        Some(self.find_relation(None, name).is_some_and(|found| i64::from(found.0) == oid))
    }

    /// The schemas in which a bare name is looked up.
    pub fn visible_schemas(&self) -> impl Iterator<Item = &str> {
        std::iter::once(crate::views::PG_CATALOG).chain(self.search_path.iter().map(String::as_str))
    }

    /// The schema's number.
    pub fn namespace_oid(&self, schema: &str) -> Option<Oid> {
        self.inventory.namespace_oid(schema)
    }

    /// The schema's name.
    pub fn namespace_name(&self, oid: i64) -> Option<&str> {
        self.inventory.namespace(oid).map(|s| s.name.as_str())
    }

    /// The statement that would create the index with this number; one of its columns alone if it is named, from 1.
    pub fn index_definition(&self, oid: i64, column: usize) -> Option<String> {
        let (table, index) = self.inventory.index(oid)?;
        match column.checked_sub(1) {
            None => Some(inventory::index_definition(table, index)),
            Some(column) => index.columns.get(column).cloned(),
        }
    }

    /// The constraint with this number, as it stands in a statement; the table that it refers to has its schema only where a bare name would not find it.
    pub fn constraint_definition(&self, oid: i64) -> Option<String> {
        let (_, constraint) = self.inventory.constraint(oid)?;
        let definition = inventory::constraint_definition(constraint);
        let Some(to) = &constraint.references else { return Some(definition) };
        let found = self.find_relation(None, &to.table);
        if found.is_none() || found != self.find_relation(Some(&to.schema), &to.table) {
            return Some(definition);
        }
        let (schema, table) = (quote_identifier(&to.schema), quote_identifier(&to.table));
        Some(definition.replacen(&format!(" REFERENCES {schema}.{table}("), &format!(" REFERENCES {table}("), 1))
    }

    /// What is known in words of an object.
    pub fn comment(&self, oid: i64) -> Option<&str> {
        if let Some(table) = self.relation(oid) {
            return table.comment.as_deref();
        }
        let function = || self.functions.iter().find(|f| i64::from(f.oid.0) == oid).and_then(|f| f.comment.as_deref());
        self.inventory.namespace(oid).map_or_else(function, |s| s.comment.as_deref())
    }

    /// What is known in words of a column of a table, by their numbers.
    pub fn column_comment(&self, oid: i64, position: i64) -> Option<String> {
        let place = usize::try_from(position).ok()?.checked_sub(1)?;
        self.relation(oid)?.remark(place).comment
    }

    /// The rows of a table of `system.internal` that is about this catalog, or about what all share.
    pub(super) fn rows(&self, table: &str) -> Option<Result<Rows>> {
        Some(match table {
            "namespaces" => self.inventory.namespaces(),
            "relations" => self.inventory.relations(),
            "attributes" => self.inventory.attributes(),
            "indexes" => self.inventory.indexes(),
            "constraints" => self.inventory.constraints(),
            "key_columns" => self.inventory.key_columns(),
            "databases" => DatabaseRow::batch(&self.databases).map(Rows::from),
            "roles" => InternalRoleRow::batch(&self.roles).map(Rows::from),
            _ => return None,
        })
    }
}
