//! What is in a catalog, as a snapshot: schemas, tables, columns. A source that cannot be listed gives what was known of it, or nothing, so that it never
//! hides the others; why is told by its health.

use super::{Catalog, Catalogs};
use crate::system::{self, TableDoc};
use crate::views::{self, View};
use arrow::datatypes::Field;
use chrono::{DateTime, Utc};
use weft_core::Result;
use weft_core::relation::{RelationKind, TableEntry};

/// A schema.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub comment: Option<String>,
}

/// A table or view.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Which of the two.
    pub kind: RelationKind,
    /// What it holds.
    pub comment: Option<String>,
    /// Its columns with their comments, or why they cannot be told.
    pub columns: Result<Vec<(Field, Option<String>)>>,
    /// Text of a view.
    pub definition: Option<String>,
    /// Files, where it is made of files.
    pub files: Option<u64>,
    /// Bytes, where known.
    pub bytes: Option<u64>,
    /// Last change, where known.
    pub updated_at: Option<DateTime<Utc>>,
}

/// The content of one catalog, in the order of names.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Whose.
    pub catalog: String,
    /// Its schemas.
    pub schemas: Vec<Schema>,
    /// Its tables and views.
    pub tables: Vec<Table>,
}

/// Lists one catalog.
pub async fn snapshot(catalogs: &Catalogs, name: &str) -> Result<Listing> {
    let mut listing = Listing { catalog: name.to_owned(), schemas: Vec::new(), tables: Vec::new() };
    match catalogs.get(name)? {
        Catalog::Lake => listing.schemas.push(Schema { name: "public".to_owned(), comment: None }),
        Catalog::System => {
            for table in system::tables::declared() {
                if !listing.schemas.iter().any(|s| s.name == table.schema) {
                    listing.schemas.push(Schema { name: table.schema.to_owned(), comment: None });
                }
                listing.tables.push(of_doc(table));
            }
        }
        Catalog::Source(source) => {
            let listed = source.listing().await;
            if let Some(error) = listed.error {
                tracing::debug!(catalog = name, %error, "a source was not listed");
            }
            if let Some(contents) = listed.contents {
                listing.schemas.extend(contents.schemas.iter().cloned().map(|name| Schema { name, comment: None }));
                listing.tables.extend(contents.tables.iter().cloned().map(of_entry));
            }
        }
    }
    for schema in [views::PG_CATALOG, views::INFORMATION_SCHEMA] {
        listing
            .schemas
            .push(Schema { name: schema.to_owned(), comment: Some(views::schema_comment(schema).to_owned()) });
    }
    listing.tables.extend(views::all().iter().map(of_view));
    listing.schemas.sort_by(|a, b| a.name.cmp(&b.name));
    listing.schemas.dedup_by(|a, b| a.name == b.name);
    listing.tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    Ok(listing)
}

fn of_doc(doc: TableDoc) -> Table {
    Table {
        schema: doc.schema.to_owned(),
        name: doc.table.to_owned(),
        kind: RelationKind::View,
        comment: Some(doc.comment.to_owned()),
        columns: Ok(doc.columns.into_iter().map(|(field, comment)| (field, Some(comment.to_owned()))).collect()),
        definition: None,
        files: None,
        bytes: None,
        updated_at: None,
    }
}

fn of_view(view: &View) -> Table {
    Table {
        schema: view.schema.to_owned(),
        name: view.name.to_owned(),
        kind: RelationKind::View,
        comment: Some(view.comment()),
        columns: Ok(view.columns().into_iter().map(|field| (field, None)).collect()),
        definition: Some(view.query().to_owned()),
        files: None,
        bytes: None,
        updated_at: None,
    }
}

fn of_entry(entry: TableEntry) -> Table {
    let columns = entry.columns.map(|schema| schema.fields().iter().map(|f| (f.as_ref().clone(), None)).collect());
    Table {
        schema: entry.schema,
        name: entry.table,
        kind: entry.kind,
        comment: entry.comment,
        columns,
        definition: None,
        files: entry.files,
        bytes: entry.bytes,
        updated_at: entry.updated_at.map(DateTime::<Utc>::from),
    }
}
