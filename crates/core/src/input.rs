//! The files behind a table, as far as it matters where a statement on them runs, and how some of them are read instead of all. No I/O happens here.

use crate::name::quote_literal;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

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
    /// What its files say of the values in their columns.
    pub bounds: Arc<Bounds>,
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

/// Between which values a column lies in each file, for columns of whole numbers and of dates, as far as the files say so. Nothing of a null: it is equal
/// to no value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds(BTreeMap<String, Vec<Option<Range>>>);

/// From the least to the greatest value. A date is the number of days since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The least.
    pub least: i64,
    /// The greatest.
    pub greatest: i64,
}

impl Bounds {
    /// Adds what is known of a column, a file after the other, in the order of the table's files.
    pub fn add(&mut self, column: String, files: Vec<Option<Range>>) {
        self.0.insert(column, files);
    }

    /// The column's range in each file, as far as it is known; none if nothing is known of the column.
    pub fn of(&self, column: &str) -> Option<&[Option<Range>]> {
        self.0.get(column).map(Vec::as_slice)
    }
}

impl Range {
    /// Whether a value can be in both.
    pub fn meets(&self, other: &Range) -> bool {
        self.least <= other.greatest && other.least <= self.greatest
    }
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

/// A path on a disk as a literal of DuckDB's dialect. DuckDB takes paths for patterns: this one matches the file and no other.
pub fn disk_literal(path: &str) -> String {
    quote_literal(&escape_glob(path))
}

/// The path as a pattern that only it matches.
pub fn escape_glob(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '*' | '?' | '[' => {
                out.push('[');
                out.push(c);
                out.push(']');
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_meet_at_their_ends() {
        let range = |least, greatest| Range { least, greatest };
        assert!(range(1, 5).meets(&range(5, 9)) && range(5, 9).meets(&range(1, 5)) && range(0, 9).meets(&range(3, 3)));
        assert!(!range(1, 4).meets(&range(5, 9)) && !range(5, 9).meets(&range(1, 4)));
    }
}
