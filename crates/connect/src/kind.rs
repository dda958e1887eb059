//! The kinds of source that `CREATE CATALOG … USING` knows: one list, from which checks, redaction and the reference are made.

use crate::connector::{Connector, Context, Given};
use crate::files::{disk, s3};
use crate::{mysql, postgres};
use std::collections::BTreeMap;
use std::sync::Arc;
use weft_core::name::{nearest, quote_always};
use weft_core::option::{Exposure, OptionSpec, OptionType, Presence};
use weft_core::{Error, ErrorKind, Result};

/// What every kind takes in `WITH (…)`: what the gateway does with the source, not how it connects.
pub(crate) const MANAGE: OptionSpec = OptionSpec {
    name: "manage",
    kind: OptionType::Choice(&["auto", "all", "selected"]),
    presence: Presence::Default("auto"),
    exposure: Exposure::Public,
    doc: "Which tables can be queried: `all`, or those that were `selected` by MANAGE; `auto` is all below 1000 tables, else selected.",
};

/// How deep the source is scanned by itself.
pub(crate) const SCAN_LEVEL: OptionSpec = OptionSpec {
    name: "scan_level",
    kind: OptionType::Choice(&["database", "table", "field"]),
    presence: Presence::Default("database"),
    exposure: Exposure::Public,
    doc: "How deep its own schedule scans it: `database` is level 1, `table` is level 2, `field` takes statistics of columns too.",
};

/// When the source is scanned by itself.
pub(crate) const SCAN_SCHEDULE: OptionSpec = OptionSpec {
    name: "scan_schedule",
    kind: OptionType::Text,
    presence: Presence::Default("0 0 * * *"),
    exposure: Exposure::Public,
    doc: "When it is scanned by itself, as cron has it, in UTC: a schedule `scan_` and the catalog's name is made for it; or `off`.",
};

/// Checks the options and gives the source. It does no I/O: a source that is away must not keep the gateway from starting.
pub type Open = fn(&Given, &Context) -> Result<Arc<dyn Connector>>;

/// Brings options to the form in which they are stored.
pub type Settle = fn(BTreeMap<String, String>) -> Result<BTreeMap<String, String>>;

/// A kind of source.
#[derive(Debug)]
pub struct Kind {
    /// As typed after `USING`.
    pub name: &'static str,
    /// Its page of the reference.
    pub doc: &'static str,
    /// What `OPTIONS (…)` takes.
    pub options: &'static [OptionSpec],
    /// What `WITH (…)` takes.
    pub properties: &'static [OptionSpec],
    /// Opens a source of this kind.
    pub open: Open,
    /// Makes options independent of where the process stands, before they are stored.
    pub settle: Settle,
}

/// Every kind that can be used.
pub static KINDS: &[&Kind] = &[&disk::KIND, &s3::KIND, &postgres::KIND, &mysql::KIND];

/// Kinds that the grammar promises and this version does not have.
const PLANNED: &[&str] = &["duckdb", "sqlite", "flightsql"];

/// The kind of this name.
pub fn kind(name: &str) -> Result<&'static Kind> {
    if let Some(kind) = KINDS.iter().find(|k| k.name == name) {
        return Ok(kind);
    }
    let available: Vec<_> = KINDS.iter().map(|k| k.name).collect();
    let available = format!("Available: {}.", available.join(", "));
    if PLANNED.contains(&name) {
        return Err(Error::unsupported(format!("source kind {}", quote_always(name))).with_hint(available));
    }
    let known = KINDS.iter().map(|k| k.name).chain(PLANNED.iter().copied());
    let hint = nearest(name, known).map_or(available, |near| format!("Did you mean {near}?"));
    Err(Error::new(ErrorKind::UndefinedObject, format!("source kind {} does not exist", quote_always(name)))
        .with_hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_or_explained() {
        assert_eq!(kind("file").expect("known").name, "file");
        assert_eq!(kind("sqlite").unwrap_err().kind(), ErrorKind::FeatureNotSupported);
        let typo = kind("fil").unwrap_err();
        assert_eq!((typo.kind(), typo.hint()), (ErrorKind::UndefinedObject, Some("Did you mean file?")));
        assert_eq!(kind("oracle").unwrap_err().hint(), Some("Available: file, s3, postgres, mysql."));
    }
}
