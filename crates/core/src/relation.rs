//! What a source tells about its tables: enough to list them, to describe them and to read them.

use crate::Error;
use arrow::datatypes::SchemaRef;
use std::time::SystemTime;

/// What kind of thing a table is, as `information_schema.tables.table_type` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// Rows that Weft or the source stores.
    Table,
    /// A stored query.
    View,
}

/// A table as a listing has it: no column has been looked at unless that was free.
#[derive(Debug, Clone)]
pub struct TableEntry {
    /// Its schema in the catalog.
    pub schema: String,
    /// Its name in the schema.
    pub table: String,
    /// Table or view.
    pub kind: RelationKind,
    /// What the source or Weft says of it.
    pub comment: Option<String>,
    /// Bytes on disk or in the store, where known.
    pub bytes: Option<u64>,
    /// Files, where it is made of files.
    pub files: Option<u64>,
    /// Last change, where known.
    pub updated_at: Option<SystemTime>,
    /// Columns, or why they cannot be told.
    pub columns: std::result::Result<SchemaRef, Error>,
}

/// How a table is read.
#[derive(Debug, Clone)]
pub struct Relation {
    /// The columns, typed as Weft types them.
    pub schema: SchemaRef,
    /// A `SELECT` in DuckDB's dialect that yields exactly these columns, without reading more than it is asked for.
    pub duckdb_sql: String,
    /// Bytes behind it, where known: the planner's measure of size.
    pub bytes: Option<u64>,
    /// An estimate of its rows, where known.
    pub rows: Option<u64>,
}
