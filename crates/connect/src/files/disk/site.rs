//! The options of kind `file`: declared, and as the rest of this room wants them. It must not look at the disk.

use crate::connector::Context;
use crate::files::options::{Formats, option, with_formats};
use std::collections::BTreeMap;
use std::path::PathBuf;
use weft_core::option::{OptionSpec, OptionType, Presence, check};
use weft_core::{Error, ErrorKind, Result};

/// What `CREATE CATALOG … USING file OPTIONS (…)` takes.
pub(crate) static OPTIONS: &[OptionSpec] = &with_formats::<1, 7>([option(
    "path",
    OptionType::Text,
    Presence::Required,
    "The folder, or a single file, below one of the `file_roots`.",
)]);

/// A place on a disk.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Folder or file, as the user wrote it.
    pub(crate) path: PathBuf,
    /// Folders that may be read, as the operator wrote them.
    pub(crate) roots: Vec<PathBuf>,
    /// How files are read.
    pub(crate) formats: Formats,
    /// More files in one table are refused.
    pub(crate) max_files: usize,
}

impl Site {
    /// Checks what the user gave.
    pub(crate) fn read(given: &BTreeMap<String, String>, context: &Context) -> Result<Site> {
        let options = check(OPTIONS, given)?;
        let path = options.get("path").map(String::as_str).unwrap_or_default();
        if path.is_empty() || path.contains('\0') {
            return Err(Error::new(
                ErrorKind::InvalidParameterValue,
                "option path cannot be empty or contain a null byte",
            ));
        }
        Ok(Site {
            path: PathBuf::from(path),
            roots: context.file_roots.clone(),
            formats: Formats::read(&options)?,
            max_files: context.max_files_per_table,
        })
    }
}
