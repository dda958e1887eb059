//! The options of every catalog that is made of files: declared, and as the rest of this room wants them. It must not know where the files lie.

use super::format::Format;
use super::gather::Selection;
use std::collections::BTreeMap;
use weft_core::option::{Exposure, OptionSpec, OptionType, Presence, parse_boolean};
use weft_core::{Error, ErrorKind, Result};

const AUTO_OR_BOOLEAN: OptionType = OptionType::Choice(&["auto", "true", "false"]);

pub(crate) const fn option(name: &'static str, kind: OptionType, presence: Presence, doc: &'static str) -> OptionSpec {
    OptionSpec { name, kind, presence, exposure: Exposure::Public, doc }
}

/// What every kind of catalog that is made of files takes besides its own options.
const FORMATS: [OptionSpec; 6] = [
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

/// How files are read.
#[derive(Debug, Clone)]
pub(crate) struct Formats {
    /// The only format, if the user said so.
    pub(crate) only: Option<Format>,
    /// Whether `key=value` folders are columns.
    pub(crate) hive: Tristate,
    /// How CSV files are written.
    pub(crate) csv: CsvOptions,
}

impl Formats {
    /// Reads options that have been checked already.
    pub(crate) fn read(options: &BTreeMap<String, String>) -> Result<Formats> {
        let text = |name: &str| options.get(name).map(String::as_str).unwrap_or_default();
        let delimiter = options.get("delimiter").map(|d| if d == "\\t" { "\t".to_owned() } else { d.clone() });
        if delimiter.as_ref().is_some_and(|d| d.is_empty() || d.len() > 4 || d.contains(['\n', '\r', '"', '\0'])) {
            return Err(Error::new(
                ErrorKind::InvalidParameterValue,
                "option delimiter must be one to four bytes, not a line end or quote",
            ));
        }
        Ok(Formats {
            only: Format::from_word(text("format")),
            hive: tristate(text("hive_partitioning")),
            csv: CsvOptions {
                header: tristate(text("header")),
                delimiter,
                null_string: options.get("null_string").cloned(),
                skip: text("skip").parse().unwrap_or(0),
            },
        })
    }

    /// Which files make tables.
    pub(crate) fn selection(&self, max_files: usize) -> Selection {
        Selection { only: self.only, max_files }
    }
}

/// The options of a kind: its own, then those of all files.
pub(crate) const fn with_formats<const OWN: usize, const ALL: usize>(own: [OptionSpec; OWN]) -> [OptionSpec; ALL] {
    assert!(ALL == OWN + FORMATS.len());
    let mut all = [FORMATS[0]; ALL];
    let mut at = 0;
    while at < ALL {
        all[at] = if at < OWN { own[at] } else { FORMATS[at - OWN] };
        at += 1;
    }
    all
}

fn tristate(text: &str) -> Tristate {
    match parse_boolean(text) {
        Some(true) => Tristate::On,
        Some(false) => Tristate::Off,
        None => Tristate::Auto,
    }
}
