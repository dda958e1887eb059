//! What a source tells about its tables: enough to list them, to describe them and to read them.

use crate::Error;
use crate::executor::{Executor, RemoteStatement};
use arrow::datatypes::SchemaRef;
use std::fmt;
use std::sync::Arc;
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
    /// By whom, and in which words.
    pub reading: Reading,
    /// Bytes behind it, where known: the planner's measure of size.
    pub bytes: Option<u64>,
    /// An estimate of its rows, where known.
    pub rows: Option<u64>,
}

/// Who reads a table.
#[derive(Debug, Clone)]
pub enum Reading {
    /// Any DuckDB worker: a `SELECT` that yields exactly the columns, without reading more than it is asked for.
    Worker(RemoteStatement),
    /// The database that holds it.
    Database(DatabaseTable),
}

/// A table, or a query in its place, of a database with an engine of its own.
#[derive(Clone)]
pub struct DatabaseTable {
    /// The database.
    pub executor: Arc<dyn Executor>,
    /// What stands after FROM, quoted as the database wants it: a table's name, or a query in parentheses.
    pub from: String,
    /// How each column of the schema is read, in its order.
    pub columns: Vec<DatabaseColumn>,
}

/// How a column is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseColumn {
    /// Its name in the database.
    pub name: String,
    /// An expression of the database in which `{}` stands for the column, such as `{}` or `CAST({} AS text)`. It yields what the schema says.
    pub value: String,
    /// What the database may do with that value.
    pub operations: Operations,
}

/// The key in an Arrow field's metadata that marks a column as [`Operations::Return`].
pub const OPERATIONS_KEY: &str = "weft.operations";

/// What a source may do with a column in our place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operations {
    /// Compare, sort, group and compute: its type there means what its type means here.
    All,
    /// Return it: whatever is done with it is done in the gateway.
    Return,
}

impl fmt::Debug for DatabaseTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.from, self.executor.id())
    }
}
