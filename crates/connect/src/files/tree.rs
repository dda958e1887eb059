//! Folders and files, as whoever holds them shows them. The rules of layout are applied to this; it must not know what it stands for.

use std::path::Path;
use std::time::SystemTime;
use weft_core::{Error, Result};

/// Entries that one listing looks at; what holds more is not a catalog but a whole disk.
pub(crate) const MAX_ENTRIES: usize = 1_000_000;

/// A file or an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct DataFile {
    /// As DuckDB is told: a path, or `s3://bucket/key`.
    pub(crate) path: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// Its last change.
    pub(crate) modified: Option<SystemTime>,
    /// What an object store calls its content.
    pub(crate) etag: Option<String>,
}

/// What an entry that cannot be used would have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A file, or something that cannot be told.
    File,
    /// A folder.
    Folder,
}

/// One entry of a folder.
#[derive(Debug)]
pub(crate) enum Node<F> {
    /// A file.
    File(DataFile),
    /// A folder.
    Folder(F),
    /// What cannot be used, and why.
    Broken(Shape, Error),
}

impl<F> Node<F> {
    /// Whether it is, or would have been, a folder.
    pub(crate) fn is_folder(&self) -> bool {
        matches!(self, Node::Folder(_) | Node::Broken(Shape::Folder, _))
    }
}

/// Shows folders.
pub(crate) trait Tree {
    /// A folder, as it is found again; its path is as DuckDB would be told.
    type Folder: AsRef<Path>;

    /// The entries of a folder that are not hidden, sorted by name.
    fn entries(&self, folder: &Self::Folder) -> Result<Vec<(String, Node<Self::Folder>)>>;

    /// Whether it has shown as much as it may; every error after that ends the listing.
    fn is_exhausted(&self) -> bool;
}
