//! From a name in a query to the thing it names, as PostgreSQL's search path has it.

use super::{Catalog, Catalogs, Drafts, LAKE, LAKE_SCHEMA, SYSTEM};
use crate::principals::Rights;
use crate::system::{self, TableDoc};
use crate::views::{self, View};
use std::time::Duration;
use weft_core::name::{nearest, quote_identifier};
use weft_core::relation::Relation;
use weft_core::{Error, ErrorKind, Result, TableName};
use weft_meta::DatasetRecord;

/// How long sources may take to tell where a table is that was looked for in vain.
const HINT_PATIENCE: Duration = Duration::from_millis(500);

/// Where bare names are looked up.
#[derive(Debug, Clone)]
pub struct SearchPath {
    /// The current catalog.
    pub catalog: String,
    /// Its schemas in order.
    pub schemas: Vec<String>,
}

/// What a name names.
pub enum Resolved {
    /// A system table.
    System(TableDoc),
    /// A built-in view, seen from this catalog.
    View(&'static View, String),
    /// A view or table of the lake.
    Dataset(Box<DatasetRecord>),
    /// A table of a source.
    Relation {
        /// Its full name.
        name: TableName,
        /// What may be joined in one statement.
        context: String,
        /// How to read it.
        relation: Box<Relation>,
    },
}

impl Resolved {
    /// The full name of what was found.
    pub fn name(&self) -> TableName {
        match self {
            Resolved::System(doc) => TableName::new(SYSTEM, doc.schema, doc.table),
            Resolved::View(view, catalog) => TableName::new(catalog, view.schema, view.name),
            Resolved::Dataset(dataset) => TableName::new(LAKE, &dataset.schema, &dataset.name),
            Resolved::Relation { name, .. } => name.clone(),
        }
    }
}

/// Whether hidden tables can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// Only views of our own see them.
    Visible,
    /// Everybody else.
    Invisible,
}

/// How names are looked up.
#[derive(Debug, Clone, Copy)]
pub struct Lookup<'a> {
    /// Along which path.
    pub path: &'a SearchPath,
    /// For whom: what may not be entered is not looked into.
    pub rights: &'a Rights,
    /// Whether hidden tables can be named.
    pub hidden: Hidden,
    /// Changes of datasets that the transaction has made.
    pub drafts: &'a Drafts,
}

/// Finds what one to three parts name.
pub async fn resolve(catalogs: &Catalogs, lookup: Lookup<'_>, parts: &[&str]) -> Result<Resolved> {
    let path = lookup.path;
    match parts {
        [catalog, schema, table] => {
            let catalog = catalogs.canonical(catalog)?;
            in_schema(catalogs, &catalog, schema, table, lookup)
                .await?
                .ok_or_else(|| undefined(&TableName::new(catalog, *schema, *table)))
        }
        [schema, table] => match in_schema(catalogs, &path.catalog, schema, table, lookup).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(undefined(&TableName::new(&path.catalog, *schema, *table))),
            Err(error) if error.kind() == ErrorKind::UndefinedSchema && catalogs.canonical(schema).is_ok() => {
                Err(error.with_hint(format!(
                    "{} is a catalog: name a table as {}.<schema>.{}.",
                    quote_identifier(schema),
                    quote_identifier(schema),
                    quote_identifier(table)
                )))
            }
            Err(error) => Err(error),
        },
        [table] => {
            if let Some(view) = views::find(views::PG_CATALOG, table) {
                return Ok(Resolved::View(view, path.catalog.clone()));
            }
            for schema in &path.schemas {
                match in_schema(catalogs, &path.catalog, schema, table, lookup).await {
                    Ok(Some(found)) => return Ok(found),
                    Ok(None) => {}
                    // As in PostgreSQL, what may not be entered is passed over.
                    Err(error)
                        if [ErrorKind::UndefinedSchema, ErrorKind::InsufficientPrivilege].contains(&error.kind()) => {}
                    Err(error) => return Err(error),
                }
            }
            Err(unknown_table(catalogs, lookup, table).await)
        }
        _ => Err(Error::new(
            ErrorKind::SyntaxError,
            format!("improper qualified name (too many dotted names): {}", parts.join(".")),
        )),
    }
}

async fn in_schema(
    catalogs: &Catalogs,
    catalog: &str,
    schema: &str,
    table: &str,
    lookup: Lookup<'_>,
) -> Result<Option<Resolved>> {
    if schema == views::PG_CATALOG || schema == views::INFORMATION_SCHEMA {
        return Ok(views::find(schema, table).map(|view| Resolved::View(view, catalog.to_owned())));
    }
    match catalogs.get(catalog)? {
        Catalog::System => {
            let named = |doc: &TableDoc| doc.schema == schema && doc.table == table;
            let mut tables = system::tables::declared();
            if lookup.hidden == Hidden::Visible {
                tables.extend(system::internal::declared());
            }
            if !tables.iter().any(|doc| doc.schema == schema) {
                return Err(undefined_schema(catalog, schema, tables.iter().map(|doc| doc.schema)));
            }
            Ok(tables.into_iter().find(named).map(Resolved::System))
        }
        Catalog::Lake => match schema {
            LAKE_SCHEMA => {
                let dataset = lookup.drafts.get(&catalogs.metastore, schema, table).await?;
                Ok(dataset.map(|dataset| Resolved::Dataset(Box::new(dataset))))
            }
            _ => Err(undefined_schema(LAKE, schema, [LAKE_SCHEMA])),
        },
        Catalog::Source(source) => {
            if !lookup.rights.is_everything() {
                lookup.rights.require_entry(&source.thing().schema_in(schema))?;
            }
            let connector = source.connector()?;
            match source.relation(schema, table).await? {
                Some(relation) => {
                    let name = TableName::new(catalog, schema, table);
                    Ok(Some(Resolved::Relation {
                        name,
                        context: connector.compute_context(),
                        relation: Box::new(relation),
                    }))
                }
                None => {
                    let schemas = source.watched(connector.schemas().await)?;
                    if schemas.iter().any(|s| s == schema) {
                        return Ok(None);
                    }
                    Err(undefined_schema(catalog, schema, schemas.iter().map(String::as_str)))
                }
            }
        }
    }
}

fn undefined_schema<'a>(catalog: &str, schema: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    let mut known: Vec<_> = known.into_iter().collect();
    known.dedup();
    let error =
        Error::new(ErrorKind::UndefinedSchema, format!("schema \"{schema}\" does not exist in catalog \"{catalog}\""))
            .about(schema);
    match nearest(schema, known.iter().copied()) {
        Some(near) => error.with_hint(format!("Did you mean {near}?")),
        None => error.with_hint(format!("SHOW SCHEMAS FROM {} lists them.", quote_identifier(catalog))),
    }
}

fn undefined(name: &TableName) -> Error {
    Error::new(ErrorKind::UndefinedTable, format!("relation \"{name}\" does not exist")).about(&name.table).with_hint(
        format!(
            "SHOW TABLES FROM {}.{} lists what is there.",
            quote_identifier(&name.catalog),
            quote_identifier(&name.schema)
        ),
    )
}

/// Says where a table of this name is, if it is in another catalog or schema.
async fn unknown_table(catalogs: &Catalogs, lookup: Lookup<'_>, table: &str) -> Error {
    let Lookup { path, rights, .. } = lookup;
    let error = Error::new(ErrorKind::UndefinedTable, format!("relation \"{table}\" does not exist"))
        .about(table)
        .with_detail(format!(
            "It was looked up in catalog {}, schemas {}.",
            quote_identifier(&path.catalog),
            if path.schemas.is_empty() { "none".to_owned() } else { path.schemas.join(", ") }
        ));
    // A hint is not worth waiting for.
    let snapshots = catalogs.sources().into_iter().map(|source| async move {
        let listed = tokio::time::timeout(HINT_PATIENCE, super::snapshot(catalogs, source.name())).await;
        listed.ok().and_then(Result::ok)
    });
    let listings = futures::future::join_all(snapshots.collect::<Vec<_>>()).await;
    let mut names: Vec<_> = listings
        .iter()
        .flatten()
        .flat_map(|listing| listing.tables.iter().map(|t| (listing.catalog.as_str(), t)))
        .filter(|(_, t)| views::find(&t.schema, &t.name).is_none())
        .collect();
    if !rights.is_everything() {
        let seen = |catalog: &str, t: &super::Table| {
            let schema = catalogs.thing(catalog).map(|thing| thing.schema_in(&t.schema));
            let thing = schema.map(|schema| match &t.view {
                Some((id, owner)) => schema.view_in(&t.name, *id, owner),
                None => schema.table_in(&t.name),
            });
            thing.is_ok_and(|thing| rights.sees(&thing))
        };
        names.retain(|(catalog, t)| seen(catalog, t));
    }
    if let Some((catalog, found)) = names.iter().find(|(_, t)| t.name == table) {
        return error.with_hint(format!("Perhaps you meant {}.", TableName::new(*catalog, &found.schema, &found.name)));
    }
    let here = names.iter().filter(|(c, _)| *c == path.catalog).map(|(_, t)| t.name.as_str());
    match nearest(table, here) {
        Some(near) => error.with_hint(format!("Perhaps you meant {}.", quote_identifier(near))),
        None => error.with_hint("SHOW TABLES lists the tables of the current catalog."),
    }
}
