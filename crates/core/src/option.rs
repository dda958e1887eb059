//! Declared options: one list per source kind drives checks, redaction and the reference.

use crate::name::{nearest, quote_identifier};
use crate::settings::Span;
use crate::{Error, ErrorKind, Result};
use std::collections::BTreeMap;
use std::time::Duration;

/// What an option's text must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionType {
    /// Any text.
    Text,
    /// A whole number from the first to the second bound.
    Integer(i64, i64),
    /// A time from the first to the second bound, such as `500ms`, `30s` or `5min`.
    Time(Duration, Duration),
    /// `true` or `false` (also on/off, yes/no, 1/0).
    Boolean,
    /// One of the words.
    Choice(&'static [&'static str]),
}

/// Whether a user must give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has no default.
    Required,
    /// The default, as a user would type it; empty where absence has a meaning of its own.
    Default(&'static str),
}

/// Whether its value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// SHOW prints it.
    Public,
    /// It never leaves the metastore in the clear.
    Secret,
}

/// One option of a source kind.
#[derive(Debug, Clone, Copy)]
pub struct OptionSpec {
    /// As typed in `OPTIONS (name '…')`.
    pub name: &'static str,
    /// What its text must look like.
    pub kind: OptionType,
    /// Required, or its default.
    pub presence: Presence,
    /// Public or secret.
    pub exposure: Exposure,
    /// One sentence for the reference.
    pub doc: &'static str,
}

/// The option's truth value, if it is one.
pub fn parse_boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "on" | "yes" | "1" => Some(true),
        "false" | "f" | "off" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// Checks some options against the list: unknown and malformed ones are errors, missing ones are not.
pub fn recognise(specs: &[OptionSpec], given: &BTreeMap<String, String>) -> Result<()> {
    for (name, value) in given {
        let Some(spec) = specs.iter().find(|s| s.name == name) else {
            let known: Vec<_> = specs.iter().map(|s| s.name).collect();
            let error =
                Error::new(ErrorKind::InvalidParameterValue, format!("unknown option {}", quote_identifier(name)));
            return Err(match nearest(name, known.iter().copied()) {
                Some(near) => error.with_hint(format!("Did you mean {near}?")),
                None => error.with_hint(format!("Known options: {}.", known.join(", "))),
            });
        };
        check_value(spec, value)?;
    }
    Ok(())
}

/// Checks what a user gave against the list: unknown, missing and malformed options are errors. Defaults are filled in.
pub fn check(specs: &[OptionSpec], given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    recognise(specs, given)?;
    let mut out = BTreeMap::new();
    for spec in specs {
        match (given.get(spec.name), spec.presence) {
            (Some(value), _) => out.insert(spec.name.to_owned(), value.clone()),
            (None, Presence::Default("")) => None,
            (None, Presence::Default(value)) => out.insert(spec.name.to_owned(), value.to_owned()),
            (None, Presence::Required) => {
                return Err(Error::new(ErrorKind::InvalidParameterValue, format!("option {} is required", spec.name))
                    .with_detail(spec.doc)
                    .with_hint(format!("Add it: OPTIONS ({} '…').", spec.name)));
            }
        };
    }
    Ok(out)
}

fn check_value(spec: &OptionSpec, value: &str) -> Result<()> {
    let expected = match spec.kind {
        OptionType::Text => return Ok(()),
        OptionType::Integer(low, high) => match value.parse::<i64>() {
            Ok(n) if (low..=high).contains(&n) => return Ok(()),
            _ => format!("a whole number from {low} to {high}"),
        },
        OptionType::Time(low, high) => match value.parse::<Span>() {
            Ok(Span(time)) if (low..=high).contains(&time) => return Ok(()),
            _ => format!("a time from {} to {}, such as 500ms, 30s or 5min", Span(low), Span(high)),
        },
        OptionType::Boolean if parse_boolean(value).is_some() => return Ok(()),
        OptionType::Boolean => "true or false".to_owned(),
        OptionType::Choice(words) if words.contains(&value) => return Ok(()),
        OptionType::Choice(words) => format!("one of {}", words.join(", ")),
    };
    let shown = if spec.exposure == Exposure::Secret { "***" } else { value };
    Err(Error::new(ErrorKind::InvalidParameterValue, format!("option {} cannot be '{shown}'", spec.name))
        .with_hint(format!("It takes {expected}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECS: &[OptionSpec] = &[
        OptionSpec {
            name: "path",
            kind: OptionType::Text,
            presence: Presence::Required,
            exposure: Exposure::Public,
            doc: "Folder.",
        },
        OptionSpec {
            name: "depth",
            kind: OptionType::Integer(1, 9),
            presence: Presence::Default("3"),
            exposure: Exposure::Public,
            doc: "Depth.",
        },
        OptionSpec {
            name: "patience",
            kind: OptionType::Time(Duration::from_millis(100), Duration::from_secs(60)),
            presence: Presence::Default(""),
            exposure: Exposure::Public,
            doc: "Patience.",
        },
    ];

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }

    #[test]
    fn defaults_are_filled_in() {
        let checked = check(SPECS, &given(&[("path", "/x")])).expect("valid");
        assert_eq!(checked, given(&[("path", "/x"), ("depth", "3")]));
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(check(SPECS, &given(&[])).unwrap_err().message(), "option path is required");
        let typo = check(SPECS, &given(&[("pth", "/x")])).unwrap_err();
        assert_eq!(typo.hint(), Some("Did you mean path?"));
        let range = check(SPECS, &given(&[("path", "/x"), ("depth", "10")])).unwrap_err();
        assert_eq!(range.hint(), Some("It takes a whole number from 1 to 9."));
        let time = check(SPECS, &given(&[("path", "/x"), ("patience", "2min")])).unwrap_err();
        assert_eq!(time.hint(), Some("It takes a time from 100ms to 1min, such as 500ms, 30s or 5min."));
    }
}
