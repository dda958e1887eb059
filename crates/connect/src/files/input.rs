//! What a worker's choice needs to know of a table: its files, and how some of them are read instead of all. It must not know workers.

use super::columns::{divided, without_rows};
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
        bounds: known.bounds.clone(),
    }
}

/// Types of text files are found by looking at all of them: a part could be read otherwise.
fn split(reader: &Reader<'_>, format: Format, set: &FileSet, known: &Known) -> Option<Split> {
    if format != Format::Parquet || set.files.len() < 2 {
        return None;
    }
    let columns = divided(&known.described, &known.disagreement)?;
    let (head, tail) = reader.around(set, &known.described);
    if known.disagreement.absent.is_empty() {
        return Some(Split { head: format!("SELECT {columns} FROM {head}"), tail });
    }
    let all = without_rows(&known.described);
    let head = format!("SELECT {columns} FROM ({all} UNION ALL BY NAME SELECT * FROM {head}");
    Some(Split { head, tail: format!("{tail})") })
}
