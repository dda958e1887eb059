//! Which tables a folder holds. The rules are in the kinds' documents; this module is their only implementation. It must not know columns or SQL, nor
//! whether the files lie on a disk.

use super::fileset::FileSet;
use super::format::{Format, partition_key};
use super::gather::{Gathered, Selection};
use super::naming::settle_names;
use super::tree::{Node, Shape, Tree};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};

/// Schema of what lies directly in the catalog's folder.
pub(crate) const PUBLIC: &str = "public";

/// Tables of one catalog.
const MAX_TABLES: usize = 10_000;

/// Where a table's files are found again. The order is that in which tables of one format get a contested name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Origin {
    /// This file.
    File(PathBuf),
    /// Everything below this folder.
    Folder(PathBuf),
    /// Everything below the `key=value` folders that lie directly in this folder.
    Partitions(PathBuf),
}

impl Origin {
    /// The file or folder.
    pub(crate) fn path(&self) -> &Path {
        let (Origin::File(path) | Origin::Folder(path) | Origin::Partitions(path)) = self;
        path
    }
}

/// A table, not yet looked into.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// Its schema.
    pub(crate) schema: String,
    /// Its name, unique in the schema.
    pub(crate) name: String,
    /// The format of all its files.
    pub(crate) format: Format,
    /// Where they are.
    pub(crate) origin: Origin,
    /// What they are, or why that cannot be told.
    pub(crate) files: Result<Arc<FileSet>>,
}

/// Every table below the folder, sorted by schema and name.
pub(crate) fn list<T: Tree>(tree: &T, folder: &T::Folder, selection: Selection) -> Result<Vec<Table>> {
    let mut tables = Lister { tree, base: folder.as_ref(), selection, tables: Vec::new() }.folder(folder)?;
    settle_names(&mut tables);
    Ok(tables)
}

/// The files of a table that is a folder, or the partitions in one, as they are now; `None` if they are gone.
pub(crate) fn gather<T: Tree>(
    tree: &T,
    folder: &T::Folder,
    selection: Selection,
    table: &Table,
) -> Result<Option<FileSet>> {
    let mut gathered = match &table.origin {
        Origin::Partitions(_) => selection.gather_partitions(tree, folder)?,
        Origin::Folder(_) | Origin::File(_) => selection.gather(tree, folder)?,
    };
    let files = gathered.remove(&table.format).transpose()?;
    Ok(files.map(|files| FileSet::new(table.format, table.origin.path(), files)))
}

struct Lister<'a, T> {
    tree: &'a T,
    base: &'a Path,
    selection: Selection,
    tables: Vec<Table>,
}

impl<T: Tree> Lister<'_, T> {
    fn folder(mut self, folder: &T::Folder) -> Result<Vec<Table>> {
        let mut partitioned = false;
        for (name, node) in self.tree.entries(folder)? {
            match node {
                node if node.is_folder() && partition_key(&name).is_some() => partitioned = true,
                Node::Folder(below) => self.first_level(&name, &below)?,
                other => self.entry(PUBLIC, &name, other, folder)?,
            }
        }
        if partitioned {
            let name = self.base.file_name().map_or_else(|| PUBLIC.to_owned(), |n| n.to_string_lossy().into_owned());
            let gathered = self.selection.gather_partitions(self.tree, folder)?;
            self.gathered(PUBLIC, &name, &Origin::Partitions(self.base.to_owned()), gathered)?;
        }
        Ok(self.tables)
    }

    /// A folder directly in the catalog's folder: a schema, unless it holds partitions, which make it a table.
    fn first_level(&mut self, name: &str, folder: &T::Folder) -> Result<()> {
        let origin = || Origin::Folder(folder.as_ref().to_owned());
        let entries = match self.tree.entries(folder) {
            Ok(entries) => entries,
            Err(error) if self.tree.is_exhausted() => return Err(error),
            Err(error) => return self.push(PUBLIC, name, self.selection.presumed_format(), origin(), Err(error)),
        };
        if entries.iter().any(|(name, node)| partition_key(name).is_some() && node.is_folder()) {
            let gathered = self.selection.gather(self.tree, folder)?;
            return self.gathered(PUBLIC, name, &origin(), gathered);
        }
        for (entry_name, node) in entries {
            self.entry(name, &entry_name, node, folder)?;
        }
        Ok(())
    }

    /// An entry that can only be a table.
    fn entry(&mut self, schema: &str, name: &str, node: Node<T::Folder>, parent: &T::Folder) -> Result<()> {
        let path = parent.as_ref().join(name);
        let by_name = self.selection.format_of(name);
        match (node, by_name) {
            (Node::Folder(below), _) => {
                let gathered = self.selection.gather(self.tree, &below)?;
                self.gathered(schema, name, &Origin::Folder(path), gathered)
            }
            (Node::File(file), Some((format, stem))) => {
                let files = FileSet::new(format, &path, vec![file]);
                self.push(schema, stem, format, Origin::File(path), Ok(files))
            }
            (Node::Broken(Shape::File, error), Some((format, stem))) => {
                self.push(schema, stem, format, Origin::File(path), Err(error))
            }
            (Node::Broken(Shape::Folder, error), _) => {
                self.push(schema, name, self.selection.presumed_format(), Origin::Folder(path), Err(error))
            }
            (Node::File(_) | Node::Broken(Shape::File, _), None) => Ok(()),
        }
    }

    fn gathered(&mut self, schema: &str, name: &str, origin: &Origin, gathered: Gathered) -> Result<()> {
        for (format, files) in gathered {
            let files = files.map(|files| FileSet::new(format, origin.path(), files));
            self.push(schema, name, format, origin.clone(), files)?;
        }
        Ok(())
    }

    fn push(&mut self, schema: &str, name: &str, format: Format, origin: Origin, files: Result<FileSet>) -> Result<()> {
        if self.tables.len() >= MAX_TABLES {
            let message = format!("\"{}\" holds more than {MAX_TABLES} tables", self.base.display());
            return Err(Error::new(ErrorKind::ConfigurationLimitExceeded, message).with_hint(
                "Files of one table belong in a folder of their own, two levels below the catalog's folder.",
            ));
        }
        let files = files.map(Arc::new);
        self.tables.push(Table { schema: schema.to_owned(), name: name.to_owned(), format, origin, files });
        Ok(())
    }
}
