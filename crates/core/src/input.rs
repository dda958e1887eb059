//! The files behind a table, as far as it matters where a statement on them runs, and how some of them are read instead of all. No I/O happens here.

use std::path::PathBuf;

/// A table of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What tells it from other tables, and stays the same while its files change: the folder, or the first file.
    pub name: String,
    /// Its files.
    pub files: Vec<InputFile>,
    /// Bytes of all of them.
    pub bytes: u64,
    /// The folder on a disk that they are in; none for objects of a store, which every worker can reach.
    pub folder: Option<PathBuf>,
    /// How some of the files are read instead of all, if that gives a part of the same rows.
    pub split: Option<Split>,
}

/// A file or an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// A path, or `s3://bucket/key`.
    pub path: String,
    /// Its name as a literal of DuckDB's dialect.
    pub literal: String,
    /// Its size.
    pub bytes: u64,
}

/// A `SELECT` around a list of files: `head`, the literals with commas between them, `tail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// What stands before the list.
    pub head: String,
    /// What stands after it.
    pub tail: String,
}

impl Split {
    /// The statement that reads these files, written as literals.
    pub fn reading(&self, files: &str) -> String {
        format!("{}{files}{}", self.head, self.tail)
    }
}
