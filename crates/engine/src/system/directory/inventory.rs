//! The objects of one catalog with their numbers, and the tables of them that `pg_catalog` is made of. Made once for a snapshot and kept as long as that is
//! in force. It must not know statements.

use super::super::internal::{
    AttributeRow, InternalConstraintRow, InternalIndexRow, KeyColumnRow, NamespaceRow, RelationRow,
};
use super::super::rows::as_count;
use super::super::table::Rows;
use super::super::{Oid, SystemRow};
use super::PG_CATALOG_OID;
use crate::catalog::{LAKE, LAKE_SCHEMA, Listing, Oids, Table};
use crate::principals::Within;
use crate::views;
use arrow::datatypes::{DataType, Field};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};
use weft_core::Result;
use weft_core::metadata::{ConstraintKind, ConstraintShape, IndexShape};
use weft_core::name::quote_identifier;
use weft_core::pgtype::{ColumnType, type_modifier, type_text};
use weft_core::relation::RelationKind;
use weft_meta::ManageState;

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

/// What a number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Object {
    Namespace(usize),
    Relation(usize),
    /// Of a table, at its place among the table's.
    Index(usize, usize),
    Constraint(usize, usize),
}

/// A catalog's objects with their numbers.
pub struct Inventory {
    /// The snapshot that it was made of.
    pub(super) basis: Arc<Listing>,
    /// What of it is shown.
    pub(super) whole: Arc<Listing>,
    /// What of that may be queried.
    pub(super) listing: Arc<Listing>,
    namespaces: Vec<Oid>,
    relations: Vec<Oid>,
    /// Of each table.
    indexes: Vec<Vec<Oid>>,
    constraints: Vec<Vec<Oid>>,
    by_number: HashMap<u32, Object>,
    tables: Tables,
}

/// The tables that are made of it, once they have been asked for.
#[derive(Default)]
struct Tables {
    namespaces: OnceLock<Rows>,
    relations: OnceLock<Rows>,
    attributes: OnceLock<Rows>,
    indexes: OnceLock<Rows>,
    constraints: OnceLock<Rows>,
    key_columns: OnceLock<Rows>,
}

impl Inventory {
    /// Gives numbers to what is shown of the snapshot.
    pub(super) fn of(basis: Arc<Listing>, whole: Arc<Listing>) -> Inventory {
        let listing = managed(&whole);
        let catalog = listing.catalog.as_str();
        let mut by_number = HashMap::new();
        let mut oids = Oids::default();
        let mut namespaces = Vec::new();
        for (i, schema) in listing.schemas.iter().enumerate() {
            let oid = match schema.name.as_str() {
                views::PG_CATALOG => PG_CATALOG_OID,
                name => oids.assign(&["schema", catalog, name]),
            };
            by_number.insert(oid, Object::Namespace(i));
            namespaces.push(Oid(oid));
        }
        let mut oids = Oids::default();
        let relations: Vec<Oid> = listing.tables.iter().map(|t| relation_oid(&mut oids, catalog, t)).collect();
        by_number.extend(relations.iter().enumerate().map(|(i, oid)| (oid.0, Object::Relation(i))));
        // After the tables, whose numbers do not depend on what a scan has found.
        let mut number =
            |kind: &str, t: &Table, name: &str| Oid(oids.assign(&[kind, catalog, &t.schema, &t.name, name]));
        let (mut indexes, mut constraints) = (Vec::new(), Vec::new());
        for (i, table) in listing.tables.iter().enumerate() {
            let of: Vec<Oid> = table.indexes.iter().map(|x| number("index", table, &x.name)).collect();
            by_number.extend(of.iter().enumerate().map(|(k, oid)| (oid.0, Object::Index(i, k))));
            indexes.push(of);
            let of: Vec<Oid> = table.constraints.iter().map(|c| number("constraint", table, &c.name)).collect();
            by_number.extend(of.iter().enumerate().map(|(k, oid)| (oid.0, Object::Constraint(i, k))));
            constraints.push(of);
        }
        Inventory {
            basis,
            whole,
            listing,
            namespaces,
            relations,
            indexes,
            constraints,
            by_number,
            tables: Tables::default(),
        }
    }

    fn object(&self, oid: i64) -> Option<Object> {
        self.by_number.get(&u32::try_from(oid).ok()?).copied()
    }

    /// The table or view with this number.
    pub(super) fn relation(&self, oid: i64) -> Option<&Table> {
        match self.object(oid)? {
            Object::Relation(i) => self.listing.tables.get(i),
            _ => None,
        }
    }

    /// The index with this number, and its table.
    pub(super) fn index(&self, oid: i64) -> Option<(&Table, &IndexShape)> {
        match self.object(oid)? {
            Object::Index(i, k) => self.listing.tables.get(i).and_then(|t| Some((t, t.indexes.get(k)?))),
            _ => None,
        }
    }

    /// The constraint with this number, and its table.
    pub(super) fn constraint(&self, oid: i64) -> Option<(&Table, &ConstraintShape)> {
        match self.object(oid)? {
            Object::Constraint(i, k) => self.listing.tables.get(i).and_then(|t| Some((t, t.constraints.get(k)?))),
            _ => None,
        }
    }

    /// The place of a table or view.
    fn position(&self, schema: &str, name: &str) -> Option<usize> {
        self.listing.tables.binary_search_by(|t| (t.schema.as_str(), t.name.as_str()).cmp(&(schema, name))).ok()
    }

    /// The number of a table or view.
    pub(super) fn relation_oid(&self, schema: &str, name: &str) -> Option<Oid> {
        self.relations.get(self.position(schema, name)?).copied()
    }

    /// The number of an index.
    pub(super) fn index_oid(&self, schema: &str, name: &str) -> Option<Oid> {
        let begin = self.listing.tables.partition_point(|t| t.schema.as_str() < schema);
        let tables = self.listing.tables.iter().enumerate().skip(begin).take_while(|(_, t)| t.schema == schema);
        for (i, table) in tables {
            if let Some(k) = table.indexes.iter().position(|x| x.name == name) {
                return self.indexes.get(i).and_then(|of| of.get(k)).copied();
            }
        }
        None
    }

    /// The number of a schema.
    pub(super) fn namespace_oid(&self, schema: &str) -> Option<Oid> {
        let position = self.listing.schemas.binary_search_by(|s| s.name.as_str().cmp(schema)).ok()?;
        self.namespaces.get(position).copied()
    }

    /// The schema with this number.
    pub(super) fn namespace(&self, oid: i64) -> Option<&crate::catalog::Schema> {
        match self.object(oid)? {
            Object::Namespace(i) => self.listing.schemas.get(i),
            _ => None,
        }
    }

    /// `system.internal.namespaces`
    pub(super) fn namespaces(&self) -> Result<Rows> {
        made(&self.tables.namespaces, || {
            let all = self.listing.schemas.iter().zip(&self.namespaces);
            let rows: Vec<_> = all
                .map(|(s, oid)| NamespaceRow { oid: *oid, name: s.name.clone(), comment: s.comment.clone() })
                .collect();
            Rows::keyed(NamespaceRow::batch(&rows)?, "oid")
        })
    }

    /// `system.internal.relations`
    pub(super) fn relations(&self) -> Result<Rows> {
        made(&self.tables.relations, || {
            let referenced = self.referenced();
            let mut rows = Vec::with_capacity(self.listing.tables.len());
            for (i, (table, oid)) in self.listing.tables.iter().zip(&self.relations).enumerate() {
                let namespace_oid = self.namespace_oid(&table.schema).unwrap_or_default();
                let kinds = || table.constraints.iter().map(|c| c.kind);
                let checks = kinds().filter(|k| *k == ConstraintKind::Check).count();
                rows.push(RelationRow {
                    oid: *oid,
                    name: table.name.clone(),
                    namespace_oid,
                    namespace: table.schema.clone(),
                    kind: match table.kind {
                        RelationKind::Table => "r",
                        RelationKind::View => "v",
                    }
                    .to_owned(),
                    columns: table.columns.as_ref().map_or(0, |c| small(c.len())),
                    has_indexes: !table.indexes.is_empty(),
                    has_references: kinds().any(|k| k == ConstraintKind::ForeignKey) || referenced.contains(&i),
                    checks: small(checks),
                    comment: table.comment.clone(),
                    definition: table.definition.clone(),
                    bytes: table.bytes.map(as_count),
                });
            }
            for (i, table) in self.listing.tables.iter().enumerate().filter(|(_, t)| !t.indexes.is_empty()) {
                let namespace_oid = self.namespace_oid(&table.schema).unwrap_or_default();
                rows.extend(table.indexes.iter().zip(&self.indexes[i]).map(|(index, oid)| RelationRow {
                    oid: *oid,
                    name: index.name.clone(),
                    namespace_oid,
                    namespace: table.schema.clone(),
                    kind: "i".to_owned(),
                    columns: small(index.columns.len()),
                    has_indexes: false,
                    has_references: false,
                    checks: 0,
                    comment: None,
                    definition: None,
                    bytes: None,
                }));
            }
            Rows::keyed(RelationRow::batch(&rows)?, "oid")
        })
    }

    /// The places of the tables to which foreign keys refer.
    fn referenced(&self) -> HashSet<usize> {
        let all = self.listing.tables.iter().flat_map(|t| &t.constraints).filter_map(|c| c.references.as_ref());
        all.filter_map(|r| self.position(&r.schema, &r.table)).collect()
    }

    /// `system.internal.attributes`
    pub(super) fn attributes(&self) -> Result<Rows> {
        made(&self.tables.attributes, || {
            let mut rows = Vec::new();
            for (table, oid) in self.listing.tables.iter().zip(&self.relations) {
                for (place, field) in table.columns.iter().flatten().enumerate() {
                    let remark = table.remark(place);
                    let names = ["default", &self.listing.catalog, &table.schema, &table.name, field.name()];
                    rows.push(AttributeRow {
                        // A view promises nothing, as in PostgreSQL.
                        nullable: field.is_nullable() || table.kind == RelationKind::View,
                        default_oid: Oid(remark.default.as_ref().map_or(0, |_| crate::catalog::of_name(&names))),
                        default: remark.default,
                        comment: remark.comment,
                        ..attribute(*oid, &table.schema, &table.name, place, field)
                    });
                }
            }
            for (i, table) in self.listing.tables.iter().enumerate() {
                for (index, oid) in table.indexes.iter().zip(&self.indexes[i]) {
                    rows.extend(index.columns.iter().enumerate().map(|(place, column)| {
                        let field = table.columns.iter().flatten().find(|f| f.name() == column).cloned();
                        // The type of an expression is not known.
                        let field = field.unwrap_or_else(|| Field::new(name_of(column), DataType::Utf8, true).into());
                        let of = attribute(*oid, &table.schema, &index.name, place, &field);
                        AttributeRow { is_key: true, nullable: true, ..of }
                    }));
                }
            }
            Rows::keyed(AttributeRow::batch(&rows)?, "relation_oid")
        })
    }

    /// `system.internal.indexes`
    pub(super) fn indexes(&self) -> Result<Rows> {
        made(&self.tables.indexes, || {
            let mut rows = Vec::new();
            for (i, table) in self.listing.tables.iter().enumerate() {
                for (index, oid) in table.indexes.iter().zip(&self.indexes[i]) {
                    rows.push(InternalIndexRow {
                        oid: *oid,
                        name: index.name.clone(),
                        relation_oid: self.relations[i],
                        namespace: table.schema.clone(),
                        relation: table.name.clone(),
                        is_unique: index.unique,
                        is_primary: primary_key(table).is_some_and(|key| key.name == index.name),
                        columns: small(index.columns.len()),
                        keys: places(table, &index.columns).iter().map(i64::to_string).collect::<Vec<_>>().join(" "),
                        definition: index_definition(table, index),
                    });
                }
            }
            Rows::keyed(InternalIndexRow::batch(&rows)?, "relation_oid")
        })
    }

    /// The number of the index of this name of a table.
    fn index_of(&self, table: usize, name: &str) -> Option<Oid> {
        let place = self.listing.tables[table].indexes.iter().position(|index| index.name == name)?;
        self.indexes[table].get(place).copied()
    }

    /// `system.internal.constraints`
    pub(super) fn constraints(&self) -> Result<Rows> {
        made(&self.tables.constraints, || {
            let mut rows = Vec::new();
            for (i, table) in self.listing.tables.iter().enumerate() {
                for (constraint, oid) in table.constraints.iter().zip(&self.constraints[i]) {
                    let to = constraint.references.as_ref();
                    let other = to.and_then(|r| self.position(&r.schema, &r.table));
                    let key = to.zip(other).and_then(|(r, o)| key_of(&self.listing.tables[o], &r.columns));
                    // A foreign key's is the index of the key that it refers to.
                    let index = match (other, &key) {
                        (Some(o), Some(key)) => self.index_of(o, key),
                        _ => self.index_of(i, &constraint.name),
                    };
                    rows.push(InternalConstraintRow {
                        oid: *oid,
                        name: constraint.name.clone(),
                        namespace_oid: self.namespace_oid(&table.schema).unwrap_or_default(),
                        namespace: table.schema.clone(),
                        relation_oid: self.relations[i],
                        relation: table.name.clone(),
                        kind: letter(constraint.kind).to_owned(),
                        index_oid: index.unwrap_or_default(),
                        referenced_oid: other.map_or_else(Oid::default, |o| self.relations[o]),
                        referenced_namespace: to.map(|r| r.schema.clone()),
                        referenced_key: key,
                        columns: places(table, &constraint.columns),
                        referenced_columns: to
                            .zip(other)
                            .map_or_else(Vec::new, |(r, o)| places(&self.listing.tables[o], &r.columns)),
                        definition: constraint_definition(constraint),
                    });
                }
            }
            Rows::keyed(InternalConstraintRow::batch(&rows)?, "relation_oid")
        })
    }

    /// `system.internal.key_columns`
    pub(super) fn key_columns(&self) -> Result<Rows> {
        made(&self.tables.key_columns, || {
            let mut rows = Vec::new();
            for (i, table) in self.listing.tables.iter().enumerate() {
                for (constraint, oid) in table.constraints.iter().zip(&self.constraints[i]) {
                    let to = constraint.references.as_ref();
                    for (place, column) in constraint.columns.iter().enumerate() {
                        rows.push(KeyColumnRow {
                            constraint_oid: *oid,
                            relation_oid: self.relations[i],
                            position: small(place + 1),
                            column: column.clone(),
                            referenced_namespace: to.map(|r| r.schema.clone()),
                            referenced_relation: to.map(|r| r.table.clone()),
                            referenced_column: to.and_then(|r| r.columns.get(place).cloned()),
                        });
                    }
                }
            }
            Rows::keyed(KeyColumnRow::batch(&rows)?, "relation_oid")
        })
    }
}

/// The snapshot without what a role does not see. The views that every catalog has are everybody's.
pub(super) fn seen(all: &Listing, within: &Within<'_>) -> Arc<Listing> {
    let built_in = |schema: &str| [views::PG_CATALOG, views::INFORMATION_SCHEMA].contains(&schema);
    let shown = |t: &&Table| {
        let view = t.view.as_ref().map(|(id, owner)| (*id, owner.as_str()));
        built_in(&t.schema) || within.sees(&t.schema, &t.name, view)
    };
    let tables: Vec<Table> = all.tables.iter().filter(shown).cloned().collect();
    let inhabited: HashSet<&str> = tables.iter().map(|t| t.schema.as_str()).collect();
    let open = |name: &str| (all.catalog == LAKE && name == LAKE_SCHEMA) || inhabited.contains(name);
    let schemas = all.schemas.iter().filter(|s| built_in(&s.name) || within.sees_schema(&s.name) || open(&s.name));
    Arc::new(Listing { catalog: all.catalog.clone(), schemas: schemas.cloned().collect(), tables })
}

/// The snapshot without the tables that may not be queried.
fn managed(whole: &Arc<Listing>) -> Arc<Listing> {
    let is_managed = |t: &&Table| t.state != ManageState::Unmanaged;
    if whole.tables.iter().all(|t| is_managed(&t)) {
        return whole.clone();
    }
    let tables = whole.tables.iter().filter(is_managed).cloned().collect();
    Arc::new(Listing { catalog: whole.catalog.clone(), schemas: whole.schemas.clone(), tables })
}

/// What a slot holds, made if it is empty.
fn made(slot: &OnceLock<Rows>, make: impl FnOnce() -> Result<Rows>) -> Result<Rows> {
    if let Some(rows) = slot.get() {
        return Ok(rows.clone());
    }
    let rows = make()?;
    Ok(slot.get_or_init(|| rows).clone())
}

fn small(n: usize) -> i16 {
    i16::try_from(n).unwrap_or(i16::MAX)
}

fn relation_oid(oids: &mut Oids, catalog: &str, table: &Table) -> Oid {
    let well_known = WELL_KNOWN.iter().find(|(name, _)| *name == table.name && table.schema == views::PG_CATALOG);
    match well_known {
        Some((_, oid)) => Oid(*oid),
        None => Oid(oids.assign(&["table", catalog, &table.schema, &table.name])),
    }
}

fn attribute(relation_oid: Oid, namespace: &str, relation: &str, place: usize, field: &Field) -> AttributeRow {
    let column_type = ColumnType::of_field(field);
    AttributeRow {
        relation_oid,
        namespace: namespace.to_owned(),
        relation: relation.to_owned(),
        name: field.name().clone(),
        position: small(place + 1),
        is_key: false,
        type_oid: Oid(column_type.oid()),
        modifier: type_modifier(field.data_type()),
        type_name: type_text(field),
        length: column_type.typlen(),
        nullable: field.is_nullable(),
        default_oid: Oid(0),
        default: None,
        comment: None,
    }
}

/// What PostgreSQL calls the column of an index that is an expression: after the function that it calls.
fn name_of(expression: &str) -> &str {
    match expression.split_once('(') {
        Some((function, _)) if !function.is_empty() && function.chars().all(|c| c.is_alphanumeric() || c == '_') => {
            function
        }
        _ => "expr",
    }
}

fn primary_key(table: &Table) -> Option<&ConstraintShape> {
    table.constraints.iter().find(|c| c.kind == ConstraintKind::PrimaryKey)
}

/// The key of the table that is made of exactly these columns.
fn key_of(table: &Table, columns: &[String]) -> Option<String> {
    let keys =
        table.constraints.iter().filter(|c| matches!(c.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique));
    let same = |c: &&ConstraintShape| {
        c.columns.len() == columns.len() && c.columns.iter().all(|column| columns.contains(column))
    };
    keys.filter(same).map(|c| c.name.clone()).next()
}

/// The places of columns, from 1; 0 is an expression, as in `pg_index.indkey`.
fn places(table: &Table, columns: &[String]) -> Vec<i64> {
    let fields = table.columns.as_ref().ok();
    let place = |column: &String| fields.and_then(|f| f.iter().position(|f| f.name() == column));
    columns.iter().map(|column| place(column).and_then(|i| i64::try_from(i + 1).ok()).unwrap_or(0)).collect()
}

/// `pg_constraint.contype`
fn letter(kind: ConstraintKind) -> &'static str {
    match kind {
        ConstraintKind::PrimaryKey => "p",
        ConstraintKind::Unique => "u",
        ConstraintKind::ForeignKey => "f",
        ConstraintKind::Check => "c",
        ConstraintKind::Exclude => "x",
    }
}

fn list(columns: &[String]) -> String {
    columns.iter().map(|c| quote_identifier(c)).collect::<Vec<_>>().join(", ")
}

/// What `pg_get_constraintdef` says: in the source's words, or as PostgreSQL writes it.
pub(super) fn constraint_definition(constraint: &ConstraintShape) -> String {
    match (&constraint.definition, &constraint.references) {
        (Some(definition), _) => definition.clone(),
        (None, Some(to)) => format!(
            "FOREIGN KEY ({}) REFERENCES {}.{}({})",
            list(&constraint.columns),
            quote_identifier(&to.schema),
            quote_identifier(&to.table),
            list(&to.columns)
        ),
        (None, None) => format!("{} ({})", constraint.kind, list(&constraint.columns)),
    }
}

/// What `pg_get_indexdef` says.
pub(super) fn index_definition(table: &Table, index: &IndexShape) -> String {
    index.definition.clone().unwrap_or_else(|| {
        format!(
            "CREATE {}INDEX {} ON {}.{} USING btree ({})",
            if index.unique { "UNIQUE " } else { "" },
            quote_identifier(&index.name),
            quote_identifier(&table.schema),
            quote_identifier(&table.name),
            index
                .columns
                .iter()
                .map(|c| if c.starts_with('(') { c.clone() } else { quote_identifier(c).to_string() })
                .collect::<Vec<_>>()
                .join(", ")
        )
    })
}
