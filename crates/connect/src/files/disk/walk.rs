//! Reads folders: one at a time or all below one, never out of the roots, never in circles, never without end. It blocks, and must not be called on an
//! async thread. It must not know tables.

use super::node::{Place, inspect};
use super::roots::{Roots, io_error};
use crate::files::format::is_hidden;
use crate::files::tree::{MAX_ENTRIES, Node, Tree};
use std::cell::Cell;
use std::fs;
use std::path::Path;
use weft_core::{Error, ErrorKind, Result};

/// Folders below a catalog's path.
const MAX_DEPTH: usize = 32;

/// A walk: where it may go and how far.
pub(crate) struct Walk<'a> {
    roots: &'a Roots,
    /// The catalog's resolved path; errors show names relative to it.
    base: &'a Path,
    entries_left: Cell<usize>,
}

impl<'a> Walk<'a> {
    /// A walk below `base`, which the roots have admitted.
    pub(crate) fn new(roots: &'a Roots, base: &'a Path) -> Self {
        Walk { roots, base, entries_left: Cell::new(MAX_ENTRIES) }
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
    pub(crate) fn node(&self, parent: &Place, path: &Path) -> Option<Node<Place>> {
        inspect(self.roots, &self.shown(path), parent, path)
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

impl Tree for Walk<'_> {
    type Folder = Place;

    fn entries(&self, place: &Place) -> Result<Vec<(String, Node<Place>)>> {
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

    fn is_exhausted(&self) -> bool {
        self.entries_left.get() == 0
    }
}
