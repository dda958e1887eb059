//! The objects of a listing as folders: a bucket has none of its own, only keys with slashes. Kept is only what may belong to a table.

use crate::files::format::is_hidden;
use crate::files::gather::Selection;
use crate::files::tree::{DataFile, MAX_ENTRIES, Node, Shape, Tree};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use weft_core::{Error, ErrorKind, Result};

/// Objects below a folder.
#[derive(Debug)]
pub(crate) struct Objects {
    /// The folder as DuckDB is told, such as `s3://bucket/prefix`.
    base: String,
    /// By key below the folder. A key that ends in a slash is a folder that could not be listed.
    items: BTreeMap<String, Result<DataFile>>,
    selection: Selection,
    seen: usize,
}

/// A folder of a listing.
#[derive(Debug)]
pub(crate) struct Prefix {
    path: PathBuf,
    /// Where its keys begin; it ends in a slash unless it is empty.
    start: String,
}

impl AsRef<Path> for Prefix {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl Objects {
    /// None yet.
    pub(crate) fn new(base: String, selection: Selection) -> Objects {
        Objects { base, items: BTreeMap::new(), selection, seen: 0 }
    }

    /// The folder that they are below of.
    pub(crate) fn root(&self) -> Prefix {
        Prefix { path: PathBuf::from(&self.base), start: String::new() }
    }

    /// One more object of the listing, by its key below the folder.
    pub(crate) fn add(&mut self, key: &str, object: impl FnOnce() -> DataFile) -> Result<()> {
        self.seen += 1;
        if self.seen > MAX_ENTRIES {
            let message = format!("\"{}\" holds more than {MAX_ENTRIES} objects", self.base);
            return Err(Error::new(ErrorKind::ConfigurationLimitExceeded, message)
                .with_hint("Make a catalog of a prefix further down."));
        }
        let name = key.rsplit('/').next().unwrap_or(key);
        if self.selection.format_of(name).is_some() && !key.split('/').any(is_hidden) {
            self.items.insert(key.to_owned(), Ok(object()));
        }
        Ok(())
    }

    /// A folder below, by its key without a slash at the end, that could not be listed.
    pub(crate) fn add_broken(&mut self, key: &str, error: Error) {
        if !key.split('/').any(is_hidden) {
            self.items.insert(format!("{key}/"), Err(error));
        }
    }
}

impl Tree for Objects {
    type Folder = Prefix;

    fn entries(&self, folder: &Prefix) -> Result<Vec<(String, Node<Prefix>)>> {
        let mut found = Vec::new();
        let mut from = Bound::Included(folder.start.clone());
        while let Some((key, item)) = self.items.range((from, Bound::Unbounded)).next() {
            let Some(rest) = key.strip_prefix(&folder.start) else { break };
            let (name, node) = match (rest.split_once('/'), item) {
                (None, Ok(file)) => (rest, Node::File(file.clone())),
                (None, Err(error)) => (rest, Node::Broken(Shape::File, error.clone())),
                (Some((name, "")), Err(error)) => (name, Node::Broken(Shape::Folder, error.clone())),
                (Some((name, _)), _) => (
                    name,
                    Node::Folder(Prefix { path: folder.path.join(name), start: format!("{}{name}/", folder.start) }),
                ),
            };
            from = match &node {
                // On to the first key that is not in there: `0` comes next after the slash.
                Node::Folder(_) => Bound::Included(format!("{}{name}0", folder.start)),
                _ => Bound::Excluded(key.clone()),
            };
            found.push((name.to_owned(), node));
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    fn is_exhausted(&self) -> bool {
        self.seen >= MAX_ENTRIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(keys: &[&str]) -> Objects {
        let mut objects = Objects::new("s3://b".to_owned(), Selection { only: None, max_files: 9 });
        for key in keys {
            let file = || DataFile { path: format!("s3://b/{key}"), bytes: 1, modified: None, etag: None };
            objects.add(key, file).expect("room");
        }
        objects
    }

    fn shown(objects: &Objects, folder: &Prefix) -> Vec<String> {
        let entries = objects.entries(folder).expect("entries");
        let show = |(name, node): (String, Node<Prefix>)| match node {
            Node::File(file) => format!("{name} = {}", file.path),
            Node::Folder(folder) => format!("{name}/ [{}]", shown(objects, &folder).join(" ")),
            Node::Broken(shape, _) => format!("{name} broken {shape:?}"),
        };
        entries.into_iter().map(show).collect()
    }

    #[test]
    fn keys_make_folders() {
        let mut objects =
            objects(&["a.csv", "s/t.csv", "s.csv", "s-x/t.csv", "s/u/1.csv", "s/u.csv", "_x/1.csv", "s/notes.txt"]);
        objects.add_broken("s/v", Error::internal("bad name"));
        assert_eq!(
            shown(&objects, &objects.root()),
            [
                "a.csv = s3://b/a.csv",
                "s/ [t.csv = s3://b/s/t.csv u/ [1.csv = s3://b/s/u/1.csv] u.csv = s3://b/s/u.csv v broken Folder]",
                "s-x/ [t.csv = s3://b/s-x/t.csv]",
                "s.csv = s3://b/s.csv",
            ]
        );
    }

    #[test]
    fn a_folder_and_an_object_may_have_one_name() {
        let objects = objects(&["t.csv", "t.csv/1.csv", "t.csv0"]);
        assert_eq!(shown(&objects, &objects.root()), ["t.csv = s3://b/t.csv", "t.csv/ [1.csv = s3://b/t.csv/1.csv]"]);
    }
}
