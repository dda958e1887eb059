//! Scans of catalogs that are made of files. What a listing tells is told without looking into any file; of a table whose files have not changed since they
//! were looked into, what was found then is told again. It must not know who keeps what is found.

use super::fileset::FileSet;
use super::layout::{PUBLIC, Table};
use super::options::Formats;
use arrow::datatypes::SchemaRef;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use weft_core::metadata::{
    ColumnShape, FileMix, FoundFile, FoundFiles, FoundSchema, FoundTable, ScanScope, ShapeKind, TableShape,
};
use weft_core::pgtype::type_text;

/// The schemas of a listing, with the figures of their files.
pub(super) fn schemas(tables: &[Table], scope: &ScanScope) -> Vec<FoundSchema> {
    let wanted = |name: &str| scope.schema.as_deref().is_none_or(|s| s == name);
    let mut found = BTreeMap::new();
    if wanted(PUBLIC) {
        found.insert(PUBLIC.to_owned(), empty(PUBLIC));
    }
    for table in tables.iter().filter(|t| wanted(&t.schema)) {
        let schema = found.entry(table.schema.clone()).or_insert_with(|| empty(&table.schema));
        schema.tables += 1;
        let Ok(set) = &table.files else { continue };
        schema.bytes = Some(schema.bytes.unwrap_or(0).saturating_add(set.bytes));
        schema.updated_at = schema.updated_at.max(set.newest.map(Into::into));
        schema.files.get_or_insert_default().add(table.format.word(), set.files.len() as u64);
    }
    found.into_values().collect()
}

fn empty(name: &str) -> FoundSchema {
    let files = Some(FileMix::default());
    FoundSchema { name: name.to_owned(), tables: 0, bytes: Some(0), updated_at: None, comment: None, files }
}

/// Changes when a file comes, goes or is written, and when the catalog has the files read in another way.
pub(super) fn signature(set: &FileSet, table: &Table, formats: &Formats) -> String {
    let mut hasher = DefaultHasher::new();
    (set.fingerprint, table.format.word(), format!("{formats:?}")).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The files of a table.
pub(super) fn files(table: &Table, set: &FileSet, signature: String) -> FoundFiles {
    let file = |file: &super::tree::DataFile| FoundFile {
        path: file.path.clone(),
        bytes: file.bytes,
        etag: file.etag.clone(),
        modified_at: file.modified.map(Into::into),
    };
    FoundFiles {
        schema: table.schema.clone(),
        table: table.name.clone(),
        format: table.format.word().to_owned(),
        signature,
        count: set.files.len() as u64,
        files: set.files.iter().map(file).collect(),
    }
}

/// A table with what is known of its insides.
pub(super) fn table(
    table: &Table,
    set: Option<&Arc<FileSet>>,
    signature: Option<String>,
    shape: TableShape,
) -> FoundTable {
    FoundTable {
        schema: table.schema.clone(),
        name: table.name.clone(),
        rows: None,
        bytes: set.map(|s| s.bytes),
        updated_at: set.and_then(|s| s.newest).map(Into::into),
        signature,
        shape,
    }
}

/// What a table of these columns is made of.
pub(super) fn shape(columns: Option<&SchemaRef>) -> TableShape {
    let columns = columns.into_iter().flat_map(|schema| schema.fields()).map(|field| ColumnShape {
        name: field.name().clone(),
        data_type: type_text(field),
        nullable: field.is_nullable(),
        default: None,
        comment: None,
    });
    TableShape {
        kind: ShapeKind::Table,
        comment: None,
        columns: columns.collect(),
        constraints: Vec::new(),
        indexes: Vec::new(),
        definition: None,
    }
}
