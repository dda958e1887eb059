//! What is in a catalog, as a snapshot: schemas, tables, columns, and what the last scan found of them. The snapshot is the same one until something of
//! it changes. A source that cannot be listed gives what was known of it, or nothing, so that it never hides the others; why is told by its health.

use super::shelf::Contents;
use super::{Catalog, Catalogs, Decisions, LAKE_SCHEMA, Others, Source};
use crate::system::{self, TableDoc};
use crate::views::{self, View};
use arrow::datatypes::Fields;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;
use weft_core::Result;
use weft_core::metadata::{ConstraintShape, IndexShape, TableShape};
use weft_core::pgtype::field_of_text;
use weft_core::relation::{RelationKind, TableEntry};
use weft_meta::{AnnotationRecord, DatasetColumn, DatasetKind, DatasetRecord, LakeFigures, ManageState};

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
    /// Its columns, or why they cannot be told.
    pub columns: Result<Fields>,
    /// What is known of each column besides, in their order; nothing if that is so of all.
    pub remarks: Vec<Remark>,
    /// Whether it may be queried, and how far the look at it has come.
    pub state: ManageState,
    /// Its keys and conditions, by name.
    pub constraints: Vec<ConstraintShape>,
    /// Its indexes, by name.
    pub indexes: Vec<IndexShape>,
    /// Text of a view.
    pub definition: Option<String>,
    /// Id and owner of a view or table of the lake.
    pub view: Option<(Uuid, String)>,
    /// Files, where it is made of files.
    pub files: Option<u64>,
    /// Bytes, where known.
    pub bytes: Option<u64>,
    /// Last change, where known.
    pub updated_at: Option<DateTime<Utc>>,
}

/// What is known of a column besides its type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remark {
    /// What it holds.
    pub comment: Option<String>,
    /// The expression of its default, in the words of the source.
    pub default: Option<String>,
}

/// The content of one catalog, in the order of names.
#[derive(Debug)]
pub struct Listing {
    /// Whose.
    pub catalog: String,
    /// Its schemas.
    pub schemas: Vec<Schema>,
    /// Its tables and views.
    pub tables: Vec<Table>,
}

impl Table {
    /// What is known of the column at this place.
    pub fn remark(&self, column: usize) -> Remark {
        self.remarks.get(column).cloned().unwrap_or_default()
    }
}

/// The snapshots that are in force, one for each catalog.
#[derive(Debug, Default)]
pub struct Listings {
    kept: Mutex<HashMap<String, (Basis, Arc<Listing>)>>,
}

/// What a snapshot was made of.
#[derive(Debug, Clone)]
struct Basis {
    catalog: Uuid,
    /// The version in which people last said something.
    annotated: Option<i64>,
    made_of: MadeOf,
}

#[derive(Debug, Clone)]
enum MadeOf {
    /// Weft's own tables; the columns of the views are told when the gateway has bound them.
    System { described: bool },
    /// Datasets: the version in which one was last changed.
    Lake { described: bool, changed: Option<i64> },
    /// What the source listed, and the scan that looked closer.
    Source { contents: Option<Arc<Contents>>, scan: Option<Uuid>, decided: (Arc<Decisions>, Others) },
}

impl Basis {
    fn is(&self, other: &Basis) -> bool {
        let same = match (&self.made_of, &other.made_of) {
            (MadeOf::System { described: a }, MadeOf::System { described: b }) => a == b,
            (MadeOf::Lake { described: a, changed: c }, MadeOf::Lake { described: b, changed: d }) => a == b && c == d,
            (
                MadeOf::Source { contents: a, scan: s, decided: d },
                MadeOf::Source { contents: b, scan: t, decided: e },
            ) => {
                let same = match (a, b) {
                    (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                    (None, None) => true,
                    _ => false,
                };
                s == t && same && Arc::ptr_eq(&d.0, &e.0) && d.1 == e.1
            }
            _ => false,
        };
        same && (self.catalog, self.annotated) == (other.catalog, other.annotated)
    }
}

/// The content of one catalog as it is now.
pub async fn snapshot(catalogs: &Catalogs, name: &str) -> Result<Arc<Listing>> {
    let catalog = catalogs.get(name)?;
    let described = views::all().iter().all(View::is_described);
    let made_of = match &catalog {
        Catalog::System => MadeOf::System { described },
        Catalog::Lake => MadeOf::Lake { described, changed: catalogs.metastore.datasets().stamp().await? },
        Catalog::Source(source) => {
            let listed = source.listing().await;
            if let Some(error) = listed.error {
                tracing::debug!(catalog = name, %error, "a source was not listed");
            }
            let scan = catalogs.metastore.scans().last(source.record.id).await?;
            MadeOf::Source { contents: listed.contents, scan, decided: catalogs.decided(source) }
        }
    };
    let id = catalogs.id(name)?;
    let basis = Basis { catalog: id, annotated: catalogs.metastore.annotations().stamp().await?, made_of };
    if let Some((_, kept)) = catalogs.listings.kept.lock().get(name).filter(|(of, _)| of.is(&basis)) {
        return Ok(kept.clone());
    }
    let mut listing = Listing { catalog: name.to_owned(), schemas: Vec::new(), tables: Vec::new() };
    match &catalog {
        Catalog::Lake => {
            listing.schemas.push(Schema { name: LAKE_SCHEMA.to_owned(), comment: None });
            let figures = catalogs.metastore.lake_files().figures().await?;
            let datasets = catalogs.metastore.datasets().list().await?.into_iter();
            listing.tables.extend(datasets.map(|dataset| {
                let figures = figures.get(&dataset.id);
                of_dataset(dataset, figures)
            }));
        }
        Catalog::System => {
            for table in system::tables::declared() {
                if !listing.schemas.iter().any(|s| s.name == table.schema) {
                    listing.schemas.push(Schema { name: table.schema.to_owned(), comment: None });
                }
                listing.tables.push(of_doc(table));
            }
        }
        Catalog::Source(source) => fill(catalogs, source, &basis.made_of, &mut listing).await?,
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
    if basis.annotated.is_some() {
        annotate(&mut listing, catalogs.metastore.annotations().list(Some(id)).await?);
    }
    let listing = Arc::new(listing);
    let there = catalogs.names();
    let mut kept = catalogs.listings.kept.lock();
    kept.retain(|name, _| there.contains(name));
    kept.insert(name.to_owned(), (basis, listing.clone()));
    Ok(listing)
}

/// What the source listed, with what was found by the scan.
async fn fill(catalogs: &Catalogs, source: &Source, made_of: &MadeOf, listing: &mut Listing) -> Result<()> {
    let MadeOf::Source { contents: Some(contents), scan, decided: (decisions, others) } = made_of else {
        return Ok(());
    };
    let known = match scan {
        Some(_) => catalogs.metastore.scans().known(source.record.id).await?,
        None => Vec::new(),
    };
    let mut known: HashMap<_, _> = known.into_iter().map(|t| ((t.schema, t.table), t.shape)).collect();
    let mut comments: HashMap<_, _> = match scan {
        Some(_) => catalogs.metastore.scans().schema_comments(source.record.id).await?.into_iter().collect(),
        None => HashMap::new(),
    };
    let schema = |name: &String| Schema { name: name.clone(), comment: comments.remove(name) };
    listing.schemas.extend(contents.schemas.iter().map(schema));
    listing.tables.extend(contents.tables.iter().map(|entry| {
        let shape = known.remove(&(entry.schema.clone(), entry.table.clone()));
        Table { state: decisions.state(&entry.schema, &entry.table, *others), ..of_entry(entry, shape) }
    }));
    Ok(())
}

/// What people say of an object goes before what its source says.
fn annotate(listing: &mut Listing, annotations: Vec<AnnotationRecord>) {
    for AnnotationRecord { object, comment, .. } in annotations {
        let Some(comment) = comment else { continue };
        if object.table.is_empty() {
            let schema = listing.schemas.iter_mut().find(|s| s.name == object.schema);
            schema.into_iter().for_each(|s| s.comment = Some(comment.clone()));
            continue;
        }
        let place = listing.tables.binary_search_by(|t| (&t.schema, &t.name).cmp(&(&object.schema, &object.table)));
        let Some(table) = place.ok().and_then(|i| listing.tables.get_mut(i)) else { continue };
        if object.column.is_empty() {
            table.comment = Some(comment);
            continue;
        }
        let (width, place) = {
            let fields = table.columns.iter().flatten();
            (fields.clone().count(), fields.clone().position(|f| *f.name() == object.column))
        };
        table.remarks.resize(width, Remark::default());
        if let Some(remark) = place.and_then(|i| table.remarks.get_mut(i)) {
            remark.comment = Some(comment);
        }
    }
}

pub(super) fn of_dataset(dataset: DatasetRecord, figures: Option<&LakeFigures>) -> Table {
    let field = |c: &DatasetColumn| field_of_text(&c.name, &c.data_type).with_nullable(!c.required);
    let table = Table {
        schema: dataset.schema,
        name: dataset.name,
        columns: Ok(dataset.columns.iter().map(field).collect()),
        view: Some((dataset.id, dataset.owner)),
        updated_at: Some(dataset.updated_at),
        ..blank()
    };
    match dataset.kind {
        DatasetKind::View => Table { kind: RelationKind::View, definition: Some(dataset.definition), ..table },
        DatasetKind::Table => Table {
            kind: RelationKind::Table,
            files: Some(figures.map_or(0, |f| f.files)),
            bytes: Some(figures.map_or(0, |f| f.bytes)),
            updated_at: table.updated_at.max(figures.map(|f| f.added_at)),
            ..table
        },
    }
}

fn of_doc(doc: TableDoc) -> Table {
    let remark = |comment: &&str| Remark { comment: Some((*comment).to_owned()), default: None };
    let remarks = doc.columns.iter().map(|(_, comment)| remark(comment)).collect();
    Table {
        schema: doc.schema.to_owned(),
        name: doc.table.to_owned(),
        kind: RelationKind::View,
        comment: Some(doc.comment.to_owned()),
        columns: Ok(doc.columns.into_iter().map(|(field, _)| field).collect()),
        remarks,
        ..blank()
    }
}

fn of_view(view: &View) -> Table {
    Table {
        schema: view.schema.to_owned(),
        name: view.name.to_owned(),
        kind: RelationKind::View,
        comment: Some(view.comment()),
        columns: Ok(view.columns().into()),
        definition: Some(view.query().to_owned()),
        ..blank()
    }
}

fn of_entry(entry: &TableEntry, shape: Option<TableShape>) -> Table {
    let columns = entry.columns.as_ref().map(|schema| schema.fields().clone()).map_err(Clone::clone);
    let (mut comment, mut remarks) = (entry.comment.clone(), Vec::new());
    let (mut constraints, mut indexes, mut definition) = (Vec::new(), Vec::new(), None);
    if let Some(shape) = shape {
        let told: HashMap<_, _> = shape.columns.into_iter().map(|c| (c.name, (c.comment, c.default))).collect();
        let remark = |(comment, default): &(Option<String>, Option<String>)| Remark {
            comment: comment.clone(),
            default: default.clone(),
        };
        if told.values().any(|(comment, default)| comment.is_some() || default.is_some()) {
            let fields = columns.iter().flatten();
            remarks = fields.map(|f| told.get(f.name()).map(remark).unwrap_or_default()).collect();
        }
        comment = comment.or(shape.comment);
        (constraints, indexes, definition) = (shape.constraints, shape.indexes, shape.definition);
    }
    Table {
        schema: entry.schema.clone(),
        name: entry.table.clone(),
        kind: entry.kind,
        comment,
        columns,
        remarks,
        state: ManageState::Ready,
        constraints,
        indexes,
        definition,
        view: None,
        files: entry.files,
        bytes: entry.bytes,
        updated_at: entry.updated_at.map(DateTime::<Utc>::from),
    }
}

fn blank() -> Table {
    Table {
        schema: String::new(),
        name: String::new(),
        kind: RelationKind::Table,
        comment: None,
        columns: Ok(Fields::empty()),
        remarks: Vec::new(),
        state: ManageState::Ready,
        constraints: Vec::new(),
        indexes: Vec::new(),
        definition: None,
        view: None,
        files: None,
        bytes: None,
        updated_at: None,
    }
}
