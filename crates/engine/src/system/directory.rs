//! The directory of one catalog: its schemas and relations with their numbers, and what all catalogs share (roles, databases). Made once for a
//! statement, so that all of a statement sees the same; both the tables behind `pg_catalog` and the functions that turn numbers into names read it.

use super::Oid;
use super::internal::{AttributeRow, DatabaseRow, FunctionRow, InternalRoleRow, NamespaceRow, RelationRow};
use super::rows::{as_count, databases, internal_roles};
use crate::catalog::{Listing, Oids, Table, snapshot};
use crate::environment::Environment;
use weft_core::Result;
use weft_core::pgtype::type_text;
use weft_core::pgtype::{ColumnType, type_modifier};
use weft_core::relation::RelationKind;

/// The number of PostgreSQL's own `pg_catalog`, which clients know by heart.
pub const PG_CATALOG_OID: u32 = 11;

/// The numbers of PostgreSQL's own catalogs that clients and `pg_description` know by heart.
const WELL_KNOWN: [(&str, u32); 8] = [
    ("pg_type", 1247),
    ("pg_attribute", 1249),
    ("pg_proc", 1255),
    ("pg_class", 1259),
    ("pg_authid", 1260),
    ("pg_database", 1262),
    ("pg_constraint", 2606),
    ("pg_namespace", 2615),
];

/// A catalog's objects with their numbers.
pub struct Directory {
    listing: Listing,
    namespaces: Vec<Oid>,
    relations: Vec<Oid>,
    roles: Vec<InternalRoleRow>,
    databases: Vec<DatabaseRow>,
    functions: &'static [FunctionRow],
    user: String,
    search_path: Vec<String>,
}

impl Directory {
    /// The directory of the current catalog.
    pub async fn of(environment: &Environment) -> Result<Directory> {
        let listing = snapshot(environment.gateway.catalogs(), &environment.path.catalog).await?;
        let mut oids = Oids::default();
        let namespaces = listing
            .schemas
            .iter()
            .map(|s| match s.name.as_str() {
                crate::views::PG_CATALOG => Oid(PG_CATALOG_OID),
                name => Oid(oids.assign(&["schema", &listing.catalog, name])),
            })
            .collect();
        let mut oids = Oids::default();
        let relations = listing.tables.iter().map(|t| relation_oid(&mut oids, &listing.catalog, t)).collect();
        Ok(Directory {
            listing,
            namespaces,
            relations,
            roles: internal_roles(environment).await?,
            databases: databases(environment),
            functions: super::routines::rows(environment),
            user: environment.user.clone(),
            search_path: environment.path.schemas.clone(),
        })
    }

    /// The name of the catalog.
    pub fn catalog(&self) -> &str {
        &self.listing.catalog
    }

    /// Who runs the statement.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The bytes of all its tables, as far as they are known.
    pub fn bytes(&self) -> i64 {
        self.listing.tables.iter().filter_map(|t| t.bytes).map(as_count).sum()
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

    /// The relation with this number.
    pub fn relation(&self, oid: i64) -> Option<&Table> {
        let position = self.relations.iter().position(|o| i64::from(o.0) == oid)?;
        self.listing.tables.get(position)
    }

    /// The relation of this name, or the one that the search path finds.
    pub fn find_relation(&self, schema: Option<&str>, name: &str) -> Option<Oid> {
        let of = |schema: &str| self.listing.tables.iter().position(|t| t.schema == schema && t.name == name);
        let position = match schema {
            Some(schema) => of(schema),
            None => self.visible_schemas().find_map(of),
        };
        position.and_then(|i| self.relations.get(i)).copied()
    }

    /// Whether a bare name finds this relation.
    pub fn is_visible(&self, oid: i64) -> Option<bool> {
        let table = self.relation(oid)?;
        Some(self.find_relation(None, &table.name).is_some_and(|found| i64::from(found.0) == oid))
    }

    /// The schemas in which a bare name is looked up.
    pub fn visible_schemas(&self) -> impl Iterator<Item = &str> {
        std::iter::once(crate::views::PG_CATALOG).chain(self.search_path.iter().map(String::as_str))
    }

    /// The schema's number.
    pub fn namespace_oid(&self, schema: &str) -> Option<Oid> {
        let position = self.listing.schemas.iter().position(|s| s.name == schema)?;
        self.namespaces.get(position).copied()
    }

    /// The schema's name.
    pub fn namespace_name(&self, oid: i64) -> Option<&str> {
        let position = self.namespaces.iter().position(|o| i64::from(o.0) == oid)?;
        self.listing.schemas.get(position).map(|s| s.name.as_str())
    }

    /// What is known in words of an object.
    pub fn comment(&self, oid: i64) -> Option<&str> {
        if let Some(table) = self.relation(oid) {
            return table.comment.as_deref();
        }
        let schema =
            self.namespaces.iter().position(|o| i64::from(o.0) == oid).and_then(|i| self.listing.schemas.get(i));
        let function = || self.functions.iter().find(|f| i64::from(f.oid.0) == oid).and_then(|f| f.comment.as_deref());
        schema.map_or_else(function, |s| s.comment.as_deref())
    }

    /// The rows of `system.internal.namespaces`.
    pub(super) fn namespaces(&self) -> Vec<NamespaceRow> {
        let all = self.listing.schemas.iter().zip(&self.namespaces);
        all.map(|(s, oid)| NamespaceRow { oid: *oid, name: s.name.clone(), comment: s.comment.clone() }).collect()
    }

    /// The rows of `system.internal.relations`.
    pub(super) fn relations(&self) -> Vec<RelationRow> {
        let all = self.listing.tables.iter().zip(&self.relations).map(|(t, oid)| RelationRow {
            oid: *oid,
            name: t.name.clone(),
            namespace_oid: self.namespace_oid(&t.schema).unwrap_or_default(),
            namespace: t.schema.clone(),
            kind: match t.kind {
                RelationKind::Table => "r",
                RelationKind::View => "v",
            }
            .to_owned(),
            columns: t.columns.as_ref().map_or(0, |c| i16::try_from(c.len()).unwrap_or(i16::MAX)),
            comment: t.comment.clone(),
            definition: t.definition.clone(),
            bytes: t.bytes.map(as_count),
        });
        all.collect()
    }

    /// The rows of `system.internal.attributes`.
    pub(super) fn attributes(&self) -> Vec<AttributeRow> {
        let mut rows = Vec::new();
        for (table, oid) in self.listing.tables.iter().zip(&self.relations) {
            for (position, (field, comment)) in table.columns.iter().flatten().enumerate() {
                let column_type = ColumnType::of_field(field);
                rows.push(AttributeRow {
                    relation_oid: *oid,
                    namespace: table.schema.clone(),
                    relation: table.name.clone(),
                    name: field.name().clone(),
                    position: i16::try_from(position + 1).unwrap_or(i16::MAX),
                    type_oid: Oid(column_type.oid()),
                    modifier: type_modifier(field.data_type()),
                    type_name: type_text(field),
                    length: column_type.typlen(),
                    // A view promises nothing, as in PostgreSQL.
                    nullable: field.is_nullable() || table.kind == RelationKind::View,
                    comment: comment.clone(),
                });
            }
        }
        rows
    }
}

fn relation_oid(oids: &mut Oids, catalog: &str, table: &Table) -> Oid {
    let well_known =
        WELL_KNOWN.iter().find(|(name, _)| *name == table.name && table.schema == crate::views::PG_CATALOG);
    match well_known {
        Some((_, oid)) => Oid(*oid),
        None => Oid(oids.assign(&["table", catalog, &table.schema, &table.name])),
    }
}
