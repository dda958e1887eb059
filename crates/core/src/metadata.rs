//! What a scan of a source finds, handed from the source to whoever keeps it, in portions. Types are spelled as the source spells them: what Weft makes
//! of them is another matter. No I/O happens here.

use crate::Result;
use crate::relation::RelationKind;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// How deep a scan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScanLevel {
    /// Level 1: schemas with the number and size of their tables.
    Schemas,
    /// Level 2: tables with columns, keys, indexes, constraints and comments.
    Tables,
}

impl ScanLevel {
    /// 1 or 2.
    pub fn number(self) -> i64 {
        match self {
            ScanLevel::Schemas => 1,
            ScanLevel::Tables => 2,
        }
    }
}

/// Which part of a source is scanned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanScope {
    /// Only this schema.
    pub schema: Option<String>,
    /// Only this table of it.
    pub table: Option<String>,
}

impl ScanScope {
    /// Whether a table is in it.
    pub fn has(&self, schema: &str, table: &str) -> bool {
        self.schema.as_deref().is_none_or(|s| s == schema) && self.table.as_deref().is_none_or(|t| t == table)
    }
}

/// A schema that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSchema {
    /// Its name.
    pub name: String,
    /// Tables and views in it.
    pub tables: u64,
    /// Bytes of all its tables, where the source tells.
    pub bytes: Option<u64>,
    /// The last change of any of them, where the source tells.
    pub updated_at: Option<DateTime<Utc>>,
    /// What the source says of it.
    pub comment: Option<String>,
    /// The files of its tables, where they are made of files.
    pub files: Option<FileMix>,
}

/// How many files there are, and of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileMix {
    /// All of them.
    pub count: u64,
    /// How many have each format.
    pub formats: BTreeMap<String, u64>,
}

impl FileMix {
    /// So many more of this format.
    pub fn add(&mut self, format: &str, files: u64) {
        self.count += files;
        *self.formats.entry(format.to_owned()).or_default() += files;
    }
}

/// The files of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFiles {
    /// Its schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// Their format.
    pub format: String,
    /// Changes when a file comes, goes or is written.
    pub signature: String,
    /// How many there are.
    pub count: u64,
    /// They, or the first of them.
    pub files: Vec<FoundFile>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundFile {
    /// Where it is.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// What an object store calls its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Its last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_at: Option<DateTime<Utc>>,
}

/// A table that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundTable {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// An estimate of its rows.
    pub rows: Option<u64>,
    /// Its bytes.
    pub bytes: Option<u64>,
    /// Its last change.
    pub updated_at: Option<DateTime<Utc>>,
    /// The signature of the files that were looked into; none where there are no files, or they could not be read.
    pub signature: Option<String>,
    /// What it is made of: a change of this is a change of the table.
    pub shape: TableShape,
}

/// What a table is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableShape {
    /// `table` or `view`.
    pub kind: ShapeKind,
    /// What the source says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// In their order.
    pub columns: Vec<ColumnShape>,
    /// By name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<ConstraintShape>,
    /// By name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<IndexShape>,
    /// The query of a view, in the words of the source, where it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
}

/// Table or view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShapeKind {
    /// It holds rows.
    Table,
    /// It is computed from others.
    View,
}

impl From<RelationKind> for ShapeKind {
    fn from(kind: RelationKind) -> Self {
        match kind {
            RelationKind::Table => ShapeKind::Table,
            RelationKind::View => ShapeKind::View,
        }
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnShape {
    /// Its name.
    pub name: String,
    /// Its type, as the source spells it.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The expression of its default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What the source says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A key or another condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConstraintShape {
    /// Its name.
    pub name: String,
    /// What it demands.
    pub kind: ConstraintKind,
    /// The columns that it is about.
    pub columns: Vec<String>,
    /// What a foreign key refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<Reference>,
    /// As the source writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
}

/// What a constraint demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConstraintKind {
    /// PRIMARY KEY
    #[serde(rename = "PRIMARY KEY")]
    PrimaryKey,
    /// UNIQUE
    #[serde(rename = "UNIQUE")]
    Unique,
    /// FOREIGN KEY
    #[serde(rename = "FOREIGN KEY")]
    ForeignKey,
    /// CHECK
    #[serde(rename = "CHECK")]
    Check,
    /// EXCLUDE
    #[serde(rename = "EXCLUDE")]
    Exclude,
}

impl fmt::Display for ConstraintKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConstraintKind::PrimaryKey => "PRIMARY KEY",
            ConstraintKind::Unique => "UNIQUE",
            ConstraintKind::ForeignKey => "FOREIGN KEY",
            ConstraintKind::Check => "CHECK",
            ConstraintKind::Exclude => "EXCLUDE",
        })
    }
}

/// What a foreign key refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The schema of the table.
    pub schema: String,
    /// The table.
    pub table: String,
    /// Its columns.
    pub columns: Vec<String>,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexShape {
    /// Its name.
    pub name: String,
    /// Whether no two rows have the same key.
    pub unique: bool,
    /// Its columns; an expression where there is no column.
    pub columns: Vec<String>,
    /// As the source writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
}

/// Takes what a scan finds. An error from it ends the scan.
#[async_trait]
pub trait ScanSink: Send {
    /// Some of the schemas.
    async fn schemas(&mut self, schemas: Vec<FoundSchema>) -> Result<()>;

    /// Some of the tables.
    async fn tables(&mut self, tables: Vec<FoundTable>) -> Result<()>;

    /// The files of some of the tables.
    async fn files(&mut self, files: Vec<FoundFiles>) -> Result<()>;

    /// What the table was made of when its files had this signature, if that is known: they need not be looked into again.
    async fn recall(&mut self, schema: &str, table: &str, signature: &str) -> Result<Option<TableShape>>;
}

/// Tables of a portion that a source hands over.
pub const PORTION: usize = 500;
