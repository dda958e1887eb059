//! The tables of a place on a disk, with the fence around it. It blocks, and must not know columns or SQL.

use super::node::Place;
use super::roots::Roots;
use super::site::Site;
use super::walk::Walk;
use crate::files::fileset::FileSet;
use crate::files::format::Format;
use crate::files::layout::{self, Origin, PUBLIC, Table};
use crate::files::tree::Node;
use std::path::Path;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};

/// Every table of the catalog, sorted by schema and name.
pub(crate) fn list(site: &Site) -> Result<Vec<Table>> {
    let roots = Roots::resolve(&site.roots);
    let base = roots.admit(&site.path)?;
    if base.is_file() {
        return Ok(vec![single_file(site, &roots, &base)?]);
    }
    let walk = Walk::new(&roots, &base);
    layout::list(&walk, &walk.place(&base)?, site.formats.selection(site.max_files))
}

/// The table's files as they are now, the fence checked again; `None` if they are gone.
pub(crate) fn refresh(site: &Site, table: &Table) -> Result<Option<FileSet>> {
    let roots = Roots::resolve(&site.roots);
    let base = roots.admit(&site.path)?;
    let walk = Walk::new(&roots, &base);
    let Origin::File(path) = &table.origin else {
        let folder = walk.place(table.origin.path())?;
        return layout::gather(&walk, &folder, site.formats.selection(site.max_files), table);
    };
    match walk.node(&walk.place(path.parent().unwrap_or(path))?, path) {
        Some(Node::File(file)) => Ok(Some(FileSet::new(table.format, path, vec![file]))),
        Some(Node::Broken(_, error)) => Err(error),
        Some(Node::Folder(_)) | None => Ok(None),
    }
}

fn single_file(site: &Site, roots: &Roots, base: &Path) -> Result<Table> {
    let name = base.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let by_name = Format::of_name(name);
    let Some(format) = site.formats.only.or(by_name.map(|(format, _)| format)) else {
        let message = format!("the format of \"{name}\" cannot be told from its name");
        return Err(Error::new(ErrorKind::InvalidParameterValue, message).with_hint("Say it: OPTIONS (format 'csv')."));
    };
    let stem = by_name.map_or_else(|| name.split('.').find(|s| !s.is_empty()).unwrap_or(name), |(_, stem)| stem);
    let folder = base.parent().unwrap_or(base);
    let files = match Walk::new(roots, folder).node(&Place::of_admitted(folder), base) {
        Some(Node::File(file)) => Ok(Arc::new(FileSet::new(format, base, vec![file]))),
        Some(Node::Broken(_, error)) => Err(error),
        Some(Node::Folder(_)) | None => Err(Error::new(ErrorKind::UndefinedFile, format!("\"{name}\" is not a file"))),
    };
    let origin = Origin::File(base.to_owned());
    Ok(Table { schema: PUBLIC.to_owned(), name: stem.to_owned(), format, origin, files })
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
