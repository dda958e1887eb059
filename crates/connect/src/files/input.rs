//! What a worker's choice needs to know of a table: its files, and how some of them are read instead of all. It must not know workers.

use super::columns::divided;
use super::discover::Known;
use super::fileset::FileSet;
use super::format::Format;
use super::layout::Table;
use super::read::Reader;
use std::path::PathBuf;
use weft_core::input::{Input, InputFile, Split};

/// The table's files. `folder` is where they are on a disk.
pub(crate) fn of(reader: &Reader<'_>, table: &Table, set: &FileSet, known: &Known, folder: Option<PathBuf>) -> Input {
    let file = |file: &super::tree::DataFile| InputFile {
        path: file.path.clone(),
        literal: reader.paths.literal(&file.path),
        bytes: file.bytes,
    };
    Input {
        name: table.origin.path().display().to_string(),
        files: set.files.iter().map(file).collect(),
        bytes: set.bytes,
        folder,
        split: split(reader, table.format, set, known),
    }
}

/// Types of text files are found by looking at all of them: a part could be read otherwise.
fn split(reader: &Reader<'_>, format: Format, set: &FileSet, known: &Known) -> Option<Split> {
    if format != Format::Parquet || set.files.len() < 2 {
        return None;
    }
    let columns = divided(&known.described)?;
    let (head, tail) = reader.around(set, &known.described);
    Some(Split { head: format!("SELECT {columns} FROM {head}"), tail })
}
