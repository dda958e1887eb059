//! Finds all files below a folder, by format. What is broken spoils the tables that it may have belonged to, never the whole listing.

use super::format::{Format, partition_key};
use super::tree::{DataFile, Node, Shape, Tree};
use std::collections::BTreeMap;
use weft_core::{Error, ErrorKind, Result};

/// Everything of one format below a folder.
pub(crate) type Gathered = BTreeMap<Format, Result<Vec<DataFile>>>;

/// Which files make tables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection {
    /// The only format, if the user said so.
    pub(crate) only: Option<Format>,
    /// More files in one table are refused.
    pub(crate) max_files: usize,
}

impl Selection {
    /// The format of a file and the name of its table, if files of that format make tables here.
    pub(crate) fn format_of<'n>(&self, name: &'n str) -> Option<(Format, &'n str)> {
        Format::of_name(name).filter(|(format, _)| self.only.is_none_or(|only| only == *format))
    }

    /// The format of a table whose files cannot be seen: only a guess until they can.
    pub(crate) fn presumed_format(&self) -> Format {
        self.only.unwrap_or(Format::Parquet)
    }

    /// Every file below the folder, by format.
    pub(crate) fn gather<T: Tree>(&self, tree: &T, folder: &T::Folder) -> Result<Gathered> {
        let mut gathered = Gathered::new();
        let outcome = self.gather_into(tree, folder, &mut gathered)?;
        self.spoil_all(&mut gathered, outcome);
        Ok(gathered)
    }

    /// As [`Selection::gather`], but only below the partitions that lie directly in the folder.
    pub(crate) fn gather_partitions<T: Tree>(&self, tree: &T, folder: &T::Folder) -> Result<Gathered> {
        let mut gathered = Gathered::new();
        let mut broken = None;
        for (name, node) in tree.entries(folder)? {
            match node {
                Node::Folder(below) if partition_key(&name).is_some() => {
                    let outcome = self.gather_into(tree, &below, &mut gathered)?;
                    broken = broken.or(outcome);
                }
                Node::Broken(Shape::Folder, error) if partition_key(&name).is_some() => broken = broken.or(Some(error)),
                _ => {}
            }
        }
        self.spoil_all(&mut gathered, broken);
        Ok(gathered)
    }

    /// The first problem that belongs to no format is returned, not raised: only the limit on entries ends the listing.
    fn gather_into<T: Tree>(&self, tree: &T, folder: &T::Folder, gathered: &mut Gathered) -> Result<Option<Error>> {
        let entries = match tree.entries(folder) {
            Ok(entries) => entries,
            Err(error) if tree.is_exhausted() => return Err(error),
            Err(error) => return Ok(Some(error)),
        };
        let mut broken = None;
        for (name, node) in entries {
            let format = self.format_of(&name).map(|(format, _)| format);
            match (node, format) {
                (Node::File(file), Some(format)) => self.add(gathered, format, file),
                (Node::Folder(below), _) => {
                    let outcome = self.gather_into(tree, &below, gathered)?;
                    broken = broken.or(outcome);
                }
                (Node::Broken(Shape::File, error), Some(format)) => spoil(gathered, format, error),
                (Node::Broken(Shape::Folder, error), _) => broken = broken.or(Some(error)),
                (Node::File(_) | Node::Broken(Shape::File, _), None) => {}
            }
        }
        Ok(broken)
    }

    fn add(&self, gathered: &mut Gathered, format: Format, file: DataFile) {
        let files = gathered.entry(format).or_insert_with(|| Ok(Vec::new()));
        if let Ok(list) = files {
            if list.len() < self.max_files {
                list.push(file);
            } else {
                *files = Err(too_many_files(self.max_files));
            }
        }
    }

    fn spoil_all(&self, gathered: &mut Gathered, error: Option<Error>) {
        let Some(error) = error else { return };
        if gathered.is_empty() {
            // Nothing tells the format; the table must be seen all the same.
            gathered.insert(self.presumed_format(), Err(error));
            return;
        }
        for files in gathered.values_mut().filter(|f| f.is_ok()) {
            *files = Err(error.clone());
        }
    }
}

fn spoil(gathered: &mut Gathered, format: Format, error: Error) {
    let files = gathered.entry(format).or_insert_with(|| Ok(Vec::new()));
    if files.is_ok() {
        *files = Err(error);
    }
}

/// The error of a table that is made of too many files.
fn too_many_files(max: usize) -> Error {
    Error::new(ErrorKind::ConfigurationLimitExceeded, format!("the table is made of more than {max} files"))
        .with_hint("An administrator can raise the setting max_files_per_table.")
}
