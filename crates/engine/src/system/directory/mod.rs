//! The directory of one catalog: its schemas and relations with their numbers, and what all catalogs share (roles, databases). Made once for a
//! statement, so that all of a statement sees the same; both the tables behind `pg_catalog` and the functions that turn numbers into names read it.

mod inventory;

use super::internal::{DatabaseRow, FunctionRow, InternalRoleRow};
use super::rows::{as_count, databases, internal_roles};
use super::table::Rows;
use super::{Oid, SystemRow};
use crate::catalog::{Table, snapshot};
use crate::environment::Environment;
use crate::gateway::Gateway;
pub use inventory::Inventory;
use parking_lot::Mutex;
use std::collections::HashMap;
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
}

/// The inventories that are in force, one for each catalog.
#[derive(Default)]
pub struct Inventories {
    kept: Mutex<HashMap<String, Arc<Inventory>>>,
}

impl Inventories {
    /// The inventory of a catalog as it is now.
    async fn get(&self, gateway: &Gateway, catalog: &str) -> Result<Arc<Inventory>> {
        let catalogs = gateway.catalogs();
        let listing = snapshot(catalogs, catalog).await?;
        if let Some(kept) = self.kept.lock().get(catalog).filter(|kept| Arc::ptr_eq(&kept.whole, &listing)) {
            return Ok(kept.clone());
        }
        let inventory = Arc::new(Inventory::of(listing));
        let there = catalogs.names();
        {
            let mut kept = self.kept.lock();
            kept.retain(|name, _| there.contains(name));
            kept.insert(catalog.to_owned(), inventory.clone());
        }
        // Plans that stand on the one before would keep it in memory.
        gateway.plans().forget_catalog(catalog);
        Ok(inventory)
    }
}

impl Directory {
    /// The directory of the current catalog.
    pub async fn of(environment: &Environment) -> Result<Directory> {
        Ok(Directory {
            inventory: environment.gateway.inventories().get(&environment.gateway, &environment.path.catalog).await?,
            roles: internal_roles(environment.gateway.metastore()).await?,
            databases: databases(environment.gateway.catalogs()),
            functions: super::routines::rows(environment),
            user: environment.user.clone(),
            search_path: environment.path.schemas.clone(),
        })
    }

    /// Whether it is still what a statement of this user with these schemas in its path would see.
    pub async fn is_current(&self, gateway: &Gateway, user: &str, search_path: &[String]) -> Result<bool> {
        if self.user != user || self.search_path != search_path {
            return Ok(false);
        }
        // A catalog that is gone is told of when the statement is bound anew.
        let Ok(inventory) = gateway.inventories().get(gateway, self.catalog()).await else { return Ok(false) };
        Ok(Arc::ptr_eq(&self.inventory, &inventory)
            && self.databases == databases(gateway.catalogs())
            && self.roles == internal_roles(gateway.metastore()).await?)
    }

    /// The name of the catalog.
    pub fn catalog(&self) -> &str {
        &self.inventory.listing.catalog
    }

    /// Who runs the statement.
    pub fn user(&self) -> &str {
        &self.user
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
