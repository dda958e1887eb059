//! The options of kind `file`: declared, and as the rest of this room wants them. It must not look at the disk.

use super::format::Format;
use crate::connector::Context;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use weft_core::option::{Exposure, OptionSpec, OptionType, Presence, check, parse_boolean};
use weft_core::{Error, ErrorKind, Result};

const AUTO_OR_BOOLEAN: OptionType = OptionType::Choice(&["auto", "true", "false"]);

const fn option(name: &'static str, kind: OptionType, presence: Presence, doc: &'static str) -> OptionSpec {
    OptionSpec { name, kind, presence, exposure: Exposure::Public, doc }
}

/// What `CREATE CATALOG … USING file OPTIONS (…)` takes.
pub(crate) static OPTIONS: &[OptionSpec] = &[
    option(
        "path",
        OptionType::Text,
        Presence::Required,
        "The folder, or a single file, below one of the `file_roots`.",
    ),
    option(
        "format",
        OptionType::Choice(&["auto", "parquet", "csv", "json"]),
        Presence::Default("auto"),
        "Only files of this format make tables; a single file is read as this whatever its name.",
    ),
    option(
        "hive_partitioning",
        AUTO_OR_BOOLEAN,
        Presence::Default("auto"),
        "Whether `key=value` folders become columns; `auto` does so where there are such folders.",
    ),
    option("header", AUTO_OR_BOOLEAN, Presence::Default("auto"), "CSV: whether the first line names the columns."),
    option(
        "delimiter",
        OptionType::Text,
        Presence::Default(""),
        "CSV: what separates values; found by looking if not given.",
    ),
    option(
        "null_string",
        OptionType::Text,
        Presence::Default(""),
        "CSV: the text that means NULL; the empty one unless given.",
    ),
    option(
        "skip",
        OptionType::Integer(0, 1_000_000),
        Presence::Default("0"),
        "CSV: lines to skip before the header or first row.",
    ),
];

/// A choice that may be left to the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tristate {
    /// Decide by looking.
    Auto,
    /// Yes.
    On,
    /// No.
    Off,
}

/// How CSV files are written.
#[derive(Debug, Clone)]
pub(crate) struct CsvOptions {
    /// Whether the first line has names.
    pub(crate) header: Tristate,
    /// What separates values, if the user said so.
    pub(crate) delimiter: Option<String>,
    /// What means NULL, if the user said so.
    pub(crate) null_string: Option<String>,
    /// Lines before the header.
    pub(crate) skip: u32,
}

/// Everything that a catalog of files is made of.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Folder or file, as the user wrote it.
    pub(crate) path: PathBuf,
    /// Folders that may be read, as the operator wrote them.
    pub(crate) roots: Vec<PathBuf>,
    /// The only format, if the user said so.
    pub(crate) format: Option<Format>,
    /// Whether `key=value` folders are columns.
    pub(crate) hive: Tristate,
    /// How CSV files are written.
    pub(crate) csv: CsvOptions,
    /// More files in one table are refused.
    pub(crate) max_files: usize,
    /// How long a listing answers.
    pub(crate) ttl: Duration,
}

impl Site {
    /// Checks what the user gave.
    pub(crate) fn read(given: &BTreeMap<String, String>, context: &Context) -> Result<Site> {
        let options = check(OPTIONS, given)?;
        let text = |name: &str| options.get(name).map(String::as_str).unwrap_or_default();
        let path = text("path");
        if path.is_empty() || path.contains('\0') {
            return Err(Error::new(
                ErrorKind::InvalidParameterValue,
                "option path cannot be empty or contain a null byte",
            ));
        }
        let delimiter = options.get("delimiter").map(|d| if d == "\\t" { "\t".to_owned() } else { d.clone() });
        if delimiter.as_ref().is_some_and(|d| d.is_empty() || d.len() > 4 || d.contains(['\n', '\r', '"', '\0'])) {
            return Err(Error::new(
                ErrorKind::InvalidParameterValue,
                "option delimiter must be one to four bytes, not a line end or quote",
            ));
        }
        Ok(Site {
            path: PathBuf::from(path),
            roots: context.file_roots.clone(),
            format: Format::from_word(text("format")),
            hive: tristate(text("hive_partitioning")),
            csv: CsvOptions {
                header: tristate(text("header")),
                delimiter,
                null_string: options.get("null_string").cloned(),
                skip: text("skip").parse().unwrap_or(0),
            },
            max_files: context.max_files_per_table,
            ttl: context.metadata_ttl,
        })
    }
}

fn tristate(text: &str) -> Tristate {
    match parse_boolean(text) {
        Some(true) => Tristate::On,
        Some(false) => Tristate::Off,
        None => Tristate::Auto,
    }
}
