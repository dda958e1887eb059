//! Which tables a folder holds. The rules are in [`super::DOC`]; this module is their only implementation. It blocks, and must not know columns or SQL.

use super::fileset::FileSet;
use super::format::{Format, partition_key};
use super::naming::settle_names;
use super::node::{Node, Place, Shape};
use super::options::Site;
use super::roots::Roots;
use super::walk::{Gathered, Walk};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};

/// Schema of what lies directly in the catalog's path.
pub(crate) const PUBLIC: &str = "public";

/// Tables of one catalog.
const MAX_TABLES: usize = 10_000;

/// Where a table's files are found again. The order is that in which tables of one format get a contested name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// This file.
    File(PathBuf),
    /// Everything below this folder.
    Folder(PathBuf),
    /// Everything below the `key=value` folders that lie directly in this folder.
    Partitions(PathBuf),
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

/// Every table of the catalog, sorted by schema and name.
pub(crate) fn list(site: &Site) -> Result<Vec<Table>> {
    let roots = Roots::resolve(&site.roots);
    let base = roots.admit(&site.path)?;
    let mut tables = if base.is_file() {
        vec![single_file(site, &roots, &base)?]
    } else {
        Lister { site, walk: Walk::new(&roots, &base, site), tables: Vec::new() }.folder(&base)?
    };
    settle_names(&mut tables);
    Ok(tables)
}

/// The table's files as they are now, the fence checked again; `None` if they are gone.
pub(crate) fn refresh(site: &Site, table: &Table) -> Result<Option<FileSet>> {
    let roots = Roots::resolve(&site.roots);
    let base = roots.admit(&site.path)?;
    let walk = Walk::new(&roots, &base, site);
    let (origin, files) = match &table.origin {
        Origin::File(path) => match walk.node(&walk.place(path.parent().unwrap_or(path))?, path) {
            Some(Node::File(file)) => (path, Some(Ok(vec![file]))),
            Some(Node::Broken(_, error)) => (path, Some(Err(error))),
            Some(Node::Folder(_)) | None => (path, None),
        },
        Origin::Folder(path) => (path, walk.gather(&walk.place(path)?)?.remove(&table.format)),
        Origin::Partitions(path) => (path, walk.gather_partitions(&walk.place(path)?)?.remove(&table.format)),
    };
    files.transpose().map(|files| files.map(|files| FileSet::new(table.format, origin, files)))
}

fn single_file(site: &Site, roots: &Roots, base: &Path) -> Result<Table> {
    let name = base.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let by_name = Format::of_name(name);
    let Some(format) = site.format.or(by_name.map(|(format, _)| format)) else {
        let message = format!("the format of \"{name}\" cannot be told from its name");
        return Err(Error::new(ErrorKind::InvalidParameterValue, message).with_hint("Say it: OPTIONS (format 'csv')."));
    };
    let stem = by_name.map_or_else(|| name.split('.').find(|s| !s.is_empty()).unwrap_or(name), |(_, stem)| stem);
    let folder = base.parent().unwrap_or(base);
    let walk = Walk::new(roots, folder, site);
    let files = match walk.node(&Place::of_admitted(folder), base) {
        Some(Node::File(file)) => Ok(Arc::new(FileSet::new(format, base, vec![file]))),
        Some(Node::Broken(_, error)) => Err(error),
        Some(Node::Folder(_)) | None => Err(Error::new(ErrorKind::UndefinedFile, format!("\"{name}\" is not a file"))),
    };
    let origin = Origin::File(base.to_owned());
    Ok(Table { schema: PUBLIC.to_owned(), name: stem.to_owned(), format, origin, files })
}

struct Lister<'a> {
    site: &'a Site,
    walk: Walk<'a>,
    tables: Vec<Table>,
}

impl Lister<'_> {
    fn folder(mut self, base: &Path) -> Result<Vec<Table>> {
        let place = self.walk.place(base)?;
        let mut partitioned = false;
        for (name, node) in self.walk.entries(&place)? {
            match node {
                Node::Folder(_) | Node::Broken(Shape::Folder, _) if partition_key(&name).is_some() => {
                    partitioned = true
                }
                Node::Folder(below) => self.first_level(&name, &below)?,
                other => self.entry(PUBLIC, &name, other, &place)?,
            }
        }
        if partitioned {
            let name = base.file_name().map_or_else(|| PUBLIC.to_owned(), |n| n.to_string_lossy().into_owned());
            let gathered = self.walk.gather_partitions(&place)?;
            self.gathered(PUBLIC, &name, &Origin::Partitions(base.to_owned()), gathered)?;
        }
        Ok(self.tables)
    }

    /// A folder directly in the catalog's path: a schema, unless it holds partitions, which make it a table.
    fn first_level(&mut self, name: &str, place: &Place) -> Result<()> {
        let entries = match self.walk.entries(place) {
            Ok(entries) => entries,
            Err(error) if self.walk.is_exhausted() => return Err(error),
            Err(error) => {
                let format = self.walk.presumed_format();
                return self.push(PUBLIC, name, format, Origin::Folder(place.path.clone()), Err(error));
            }
        };
        if entries.iter().any(|(name, node)| partition_key(name).is_some() && is_folder(node)) {
            let gathered = self.walk.gather(place)?;
            return self.gathered(PUBLIC, name, &Origin::Folder(place.path.clone()), gathered);
        }
        for (entry_name, node) in entries {
            self.entry(name, &entry_name, node, place)?;
        }
        Ok(())
    }

    /// An entry that can only be a table.
    fn entry(&mut self, schema: &str, name: &str, node: Node, parent: &Place) -> Result<()> {
        let path = parent.path.join(name);
        let by_name = self.walk.format_of(name);
        match (node, by_name) {
            (Node::Folder(below), _) => {
                let gathered = self.walk.gather(&below)?;
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
                self.push(schema, name, self.walk.presumed_format(), Origin::Folder(path), Err(error))
            }
            (Node::File(_) | Node::Broken(Shape::File, _), None) => Ok(()),
        }
    }

    fn gathered(&mut self, schema: &str, name: &str, origin: &Origin, gathered: Gathered) -> Result<()> {
        for (format, files) in gathered {
            let (Origin::File(path) | Origin::Folder(path) | Origin::Partitions(path)) = origin;
            self.push(schema, name, format, origin.clone(), files.map(|files| FileSet::new(format, path, files)))?;
        }
        Ok(())
    }

    fn push(&mut self, schema: &str, name: &str, format: Format, origin: Origin, files: Result<FileSet>) -> Result<()> {
        if self.tables.len() >= MAX_TABLES {
            let message = format!("\"{}\" holds more than {MAX_TABLES} tables", self.site.path.display());
            return Err(Error::new(ErrorKind::ConfigurationLimitExceeded, message).with_hint(
                "Files of one table belong in a folder of their own, two levels below the catalog's path.",
            ));
        }
        let files = files.map(Arc::new);
        self.tables.push(Table { schema: schema.to_owned(), name: name.to_owned(), format, origin, files });
        Ok(())
    }
}

fn is_folder(node: &Node) -> bool {
    matches!(node, Node::Folder(_) | Node::Broken(Shape::Folder, _))
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
