//! What an entry of a folder is: a file, a folder, or something that may not or cannot be read, links resolved. It blocks, and must not know tables.

use super::roots::{Roots, io_error, link_outside};
use crate::files::tree::{DataFile, Node, Shape};
use std::fs;
use std::path::{Path, PathBuf};
use weft_core::{Error, ErrorKind};

/// A folder: as listed, and what it really is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// As listed.
    pub(crate) path: PathBuf,
    /// The real folders on the way to it, itself last; a link back to one of them is a circle.
    pub(crate) trail: Vec<PathBuf>,
}

impl Place {
    /// A folder that is resolved and inside of the roots.
    pub(crate) fn of_admitted(real: &Path) -> Place {
        Place { path: real.to_owned(), trail: vec![real.to_owned()] }
    }
}

impl AsRef<Path> for Place {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

/// What the entry of `parent` at `path` is, named `shown` in errors; `None` for sockets, pipes and devices, which would block a reader.
pub(crate) fn inspect(roots: &Roots, shown: &str, parent: &Place, path: &Path) -> Option<Node<Place>> {
    let what = format!("\"{shown}\"");
    let broken = |shape, error| Some(Node::Broken(shape, error));
    let own = match fs::symlink_metadata(path) {
        Ok(own) => own,
        Err(error) => return broken(Shape::File, io_error(&error, &what)),
    };
    let metadata = if own.is_symlink() {
        match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => return broken(Shape::File, io_error(&error, &format!("the target of link {what}"))),
        }
    } else {
        own.clone()
    };
    let shape = if metadata.is_dir() { Shape::Folder } else { Shape::File };
    let Some(text) = path.to_str() else {
        let message = format!("the name of file {what} is not UTF-8");
        return broken(shape, Error::new(ErrorKind::CharacterNotInRepertoire, message));
    };
    let real = if own.is_symlink() {
        match path.canonicalize() {
            Ok(real) if roots.contain(&real) => real,
            Ok(_) => return broken(shape, link_outside(shown)),
            Err(error) => return broken(shape, io_error(&error, &what)),
        }
    } else {
        let name = path.file_name().unwrap_or_default();
        parent.trail.last().map_or_else(|| path.to_owned(), |real| real.join(name))
    };
    if metadata.is_dir() {
        if parent.trail.contains(&real) {
            let message = format!("link {what} leads back to a folder that it lies in");
            return broken(shape, Error::new(ErrorKind::IoError, message));
        }
        let trail = parent.trail.iter().cloned().chain([real]).collect();
        return Some(Node::Folder(Place { path: path.to_owned(), trail }));
    }
    // As listed: links below the catalog's path are not resolved, so that `key=value` links stay partitions.
    let file =
        DataFile { path: text.to_owned(), bytes: metadata.len(), modified: metadata.modified().ok(), etag: None };
    metadata.is_file().then_some(Node::File(file))
}
