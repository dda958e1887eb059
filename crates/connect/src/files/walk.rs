//! Reads folders: one at a time or all below one, never out of the roots, never in circles, never without end. It blocks, and must not be called on an
//! async thread. It must not know tables.

use super::format::{Format, is_hidden, partition_key};
use super::node::{DataFile, Node, Place, Shape};
use super::options::Site;
use super::roots::{Roots, io_error};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use weft_core::{Error, ErrorKind, Result};

/// Entries that one listing looks at; a folder of more is not a catalog but a whole disk.
const MAX_ENTRIES: usize = 1_000_000;

/// Folders below a catalog's path.
const MAX_DEPTH: usize = 32;

/// Everything of one format below a folder.
pub(crate) type Gathered = BTreeMap<Format, Result<Vec<DataFile>>>;

/// A walk: where it may go and how far.
pub(crate) struct Walk<'a> {
    roots: &'a Roots,
    /// The catalog's resolved path; errors show names relative to it.
    base: &'a Path,
    only: Option<Format>,
    max_files: usize,
    entries_left: Cell<usize>,
}

impl<'a> Walk<'a> {
    /// A walk below `base`, which the roots have admitted.
    pub(crate) fn new(roots: &'a Roots, base: &'a Path, site: &Site) -> Self {
        Walk { roots, base, only: site.format, max_files: site.max_files, entries_left: Cell::new(MAX_ENTRIES) }
    }

    /// Whether the walk has seen as many entries as it may; every error after that ends it.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.entries_left.get() == 0
    }

    /// The format of a file and the name of its table, if files of that format make tables here.
    pub(crate) fn format_of<'n>(&self, name: &'n str) -> Option<(Format, &'n str)> {
        Format::of_name(name).filter(|(format, _)| self.only.is_none_or(|only| only == *format))
    }

    /// The format of a table whose files cannot be seen: only a guess until they can.
    pub(crate) fn presumed_format(&self) -> Format {
        self.only.unwrap_or(Format::Parquet)
    }

    /// The place where a walk begins.
    pub(crate) fn place(&self, path: &Path) -> Result<Place> {
        let real = self.roots.admit(path)?;
        Ok(Place { path: path.to_owned(), trail: vec![real] })
    }

    /// The path as errors show it.
    fn shown(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.base).unwrap_or(path);
        if relative.as_os_str().is_empty() { path.display().to_string() } else { relative.display().to_string() }
    }

    /// What the entry of `parent` at `path` is; `None` for what is no data at all.
    pub(crate) fn node(&self, parent: &Place, path: &Path) -> Option<Node> {
        Node::inspect(self.roots, &self.shown(path), parent, path)
    }

    /// The entries of a folder that are not hidden, sorted by name.
    pub(crate) fn entries(&self, place: &Place) -> Result<Vec<(String, Node)>> {
        let what = format!("folder \"{}\"", self.shown(&place.path));
        if place.trail.len() > MAX_DEPTH {
            return Err(Error::new(ErrorKind::ConfigurationLimitExceeded, format!("{what} is nested too deeply")));
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(&place.path).map_err(|e| io_error(&e, &what))? {
            let entry = entry.map_err(|e| io_error(&e, &what))?;
            self.count()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_hidden(&name) {
                continue;
            }
            if let Some(node) = self.node(place, &entry.path()) {
                found.push((name, node));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// Every file below the folder, by format. What is broken spoils the formats it may have belonged to, not the whole walk.
    pub(crate) fn gather(&self, place: &Place) -> Result<Gathered> {
        let mut gathered = Gathered::new();
        let outcome = self.gather_into(place, &mut gathered)?;
        self.spoil_all(&mut gathered, outcome);
        Ok(gathered)
    }

    /// As [`Walk::gather`], but only below the partitions that lie directly in the folder.
    pub(crate) fn gather_partitions(&self, place: &Place) -> Result<Gathered> {
        let mut gathered = Gathered::new();
        let mut broken = None;
        for (name, node) in self.entries(place)? {
            match node {
                Node::Folder(below) if partition_key(&name).is_some() => {
                    let outcome = self.gather_into(&below, &mut gathered)?;
                    broken = broken.or(outcome);
                }
                Node::Broken(Shape::Folder, error) if partition_key(&name).is_some() => broken = broken.or(Some(error)),
                _ => {}
            }
        }
        self.spoil_all(&mut gathered, broken);
        Ok(gathered)
    }

    /// The first problem that belongs to no format is returned, not raised: only the limit on entries ends the walk.
    fn gather_into(&self, place: &Place, gathered: &mut Gathered) -> Result<Option<Error>> {
        let entries = match self.entries(place) {
            Ok(entries) => entries,
            Err(error) if self.is_exhausted() => return Err(error),
            Err(error) => return Ok(Some(error)),
        };
        let mut broken = None;
        for (name, node) in entries {
            let format = self.format_of(&name).map(|(format, _)| format);
            match (node, format) {
                (Node::File(file), Some(format)) => self.add(gathered, format, file),
                (Node::Folder(below), _) => {
                    let outcome = self.gather_into(&below, gathered)?;
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

    fn count(&self) -> Result<()> {
        let left = self.entries_left.get().checked_sub(1).ok_or_else(|| {
            let message = format!("\"{}\" holds more than {MAX_ENTRIES} entries", self.base.display());
            Error::new(ErrorKind::ConfigurationLimitExceeded, message)
                .with_hint("Make a catalog of a folder further down.")
        })?;
        self.entries_left.set(left);
        Ok(())
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
