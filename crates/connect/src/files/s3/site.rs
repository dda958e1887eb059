//! The options of kind `s3`: declared, and as the rest of this room wants them. It must not reach any store.

use crate::connector::{Context, Given};
use crate::database::Place;
use crate::files::options::{Formats, option, with_formats};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use weft_core::option::{Exposure, OptionSpec, OptionType, Presence, check, parse_boolean};
use weft_core::settings::Span;
use weft_core::store::{Addressing, Store};
use weft_core::{Error, ErrorKind, Result, Secret};

const fn secret(name: &'static str, doc: &'static str) -> OptionSpec {
    OptionSpec { exposure: Exposure::Secret, ..option(name, OptionType::Text, Presence::Default(""), doc) }
}

const fn text(name: &'static str, presence: Presence, doc: &'static str) -> OptionSpec {
    option(name, OptionType::Text, presence, doc)
}

/// What `CREATE CATALOG … USING s3 OPTIONS (…)` takes.
pub(crate) static OPTIONS: &[OptionSpec] = &with_formats::<9, 15>([
    text("bucket", Presence::Required, "The bucket."),
    text("prefix", Presence::Default(""), "The folder in the bucket; all of it unless given."),
    text(
        "endpoint",
        Presence::Default(""),
        "URL of the store, such as `https://minio.example:9000`; Amazon's own for the region unless given.",
    ),
    text("region", Presence::Default("us-east-1"), "The region that requests are signed for."),
    text("key_id", Presence::Default(""), "The id of the access key; requests are not signed without one."),
    secret("secret", "The secret access key."),
    secret("session_token", "The session token of temporary keys."),
    option(
        "addressing",
        OptionType::Choice(&["path", "virtual"]),
        Presence::Default(""),
        "`path` (`https://host/bucket`) or `virtual` (`https://bucket.host`); `virtual` for Amazon's own, `path` for an `endpoint` unless given.",
    ),
    option(
        "allow_http",
        OptionType::Boolean,
        Presence::Default("false"),
        "Whether `endpoint` may be `http://`: everybody on the way can read what is read.",
    ),
]);

const fn property(name: &'static str, kind: OptionType, default: &'static str, doc: &'static str) -> OptionSpec {
    option(name, kind, Presence::Default(default), doc)
}

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(3600);

/// What `WITH (…)` takes.
pub(crate) static PROPERTIES: &[OptionSpec] = &[
    crate::kind::MANAGE,
    crate::kind::SCAN_LEVEL,
    crate::kind::SCAN_SCHEDULE,
    property(
        "connect_timeout",
        OptionType::Time(SHORTEST, LONGEST),
        "5s",
        "A store that has not accepted a connection after this long cannot be reached: 08001.",
    ),
    property(
        "request_timeout",
        OptionType::Time(SHORTEST, LONGEST),
        "30s",
        "A request that has not ended after this long has failed; the worker counts in whole seconds.",
    ),
    property(
        "max_retries",
        OptionType::Integer(0, 20),
        "2",
        "How often a request that failed is sent again; one for a listing only within `connect_timeout`.",
    ),
];

/// A bucket, or a prefix in it.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// For errors.
    pub(crate) place: Place,
    /// The bucket's name.
    pub(crate) bucket: String,
    /// Without a slash at either end; empty for the whole bucket.
    pub(crate) prefix: String,
    /// How a worker opens it.
    pub(crate) store: Arc<Store>,
    /// How objects are read.
    pub(crate) formats: Formats,
    /// More objects in one table are refused.
    pub(crate) max_files: usize,
    /// Until a connection is made.
    pub(crate) connect_timeout: Duration,
}

impl Site {
    /// Checks what the user gave.
    pub(crate) fn read(given: &Given, context: &Context) -> Result<Site> {
        let options = check(OPTIONS, &given.options)?;
        let properties = check(PROPERTIES, &given.properties)?;
        let text = |name: &str| options.get(name).map(String::as_str).unwrap_or_default();
        let optional = |name: &str| options.get(name).filter(|text| !text.is_empty()).cloned();
        let (bucket, prefix) = (bucket(text("bucket"))?, prefix(text("prefix"))?);
        let region = region(text("region"))?;
        let own = optional("endpoint");
        let addressing = match text("addressing") {
            "path" => Addressing::Path,
            "virtual" => Addressing::VirtualHost,
            _ if own.is_some() => Addressing::Path,
            _ => Addressing::VirtualHost,
        };
        let endpoint = match own {
            Some(url) => endpoint(&url, parse_boolean(text("allow_http")) == Some(true))?,
            None => format!("https://s3.{region}.amazonaws.com"),
        };
        let time = |name: &str| time(&properties, name);
        let store = Store {
            catalog: given.catalog.clone(),
            scope: if prefix.is_empty() { format!("s3://{bucket}/") } else { format!("s3://{bucket}/{prefix}/") },
            endpoint,
            region,
            key_id: optional("key_id"),
            secret: optional("secret").map(Secret::new),
            session_token: optional("session_token").map(Secret::new),
            addressing,
            request_timeout: time("request_timeout"),
            max_retries: properties.get("max_retries").and_then(|n| n.parse().ok()).unwrap_or_default(),
        };
        check_key(&store)?;
        Ok(Site {
            place: Place { catalog: given.catalog.clone(), address: store.address().to_owned() },
            bucket,
            prefix,
            store: Arc::new(store),
            formats: Formats::read(&options)?,
            max_files: context.max_files_per_table,
            connect_timeout: time("connect_timeout"),
        })
    }

    /// The folder as DuckDB is told: `s3://bucket/prefix`.
    pub(crate) fn base(&self) -> &str {
        self.store.scope.trim_end_matches('/')
    }

    /// The key of a path that begins with `s3://bucket/`.
    pub(crate) fn key<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix("s3://")?.strip_prefix(self.bucket.as_str())?.strip_prefix('/')
    }
}

fn time(properties: &BTreeMap<String, String>, name: &str) -> Duration {
    properties.get(name).and_then(|text| text.parse::<Span>().ok()).map_or(Duration::ZERO, |span| span.0)
}

fn wrong(option: &str, what: &str) -> Error {
    Error::new(ErrorKind::InvalidParameterValue, format!("option {option} must be {what}"))
}

fn bucket(text: &str) -> Result<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if text.is_empty() || text.starts_with('.') || text.len() > 255 || !text.chars().all(is_plain) {
        return Err(wrong("bucket", "the name of a bucket, without s3:// and slashes")
            .with_hint("A folder in it goes into the option prefix."));
    }
    Ok(text.to_owned())
}

fn prefix(text: &str) -> Result<String> {
    let text = text.trim_matches('/');
    let is_unusable = |part: &str| matches!(part, "" | "." | "..") || part.contains(char::is_control);
    if !text.is_empty() && text.split('/').any(is_unusable) {
        return Err(wrong("prefix", "names separated by single slashes"));
    }
    Ok(text.to_owned())
}

fn region(text: &str) -> Result<String> {
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        return Err(wrong("region", "the name of a region, such as eu-central-1"));
    }
    Ok(text.to_owned())
}

fn endpoint(text: &str, may_be_plain: bool) -> Result<String> {
    let url = text.trim_end_matches('/');
    let address = match url.split_once("://") {
        Some(("https", address)) => address,
        Some(("http", address)) if may_be_plain => address,
        Some(("http", _)) => {
            return Err(wrong("endpoint", "https://, unless allow_http is true")
                .with_hint("Where nobody can listen: OPTIONS (allow_http 'true')."));
        }
        _ => return Err(wrong("endpoint", "a URL, such as https://minio.example:9000")),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if address.is_empty() || !address.chars().all(is_plain) {
        return Err(wrong("endpoint", "a URL of a host and optionally a port, without a path"));
    }
    Ok(url.to_owned())
}

fn check_key(store: &Store) -> Result<()> {
    let is_text = |secret: &Option<Secret>| secret.as_ref().is_none_or(|s| !s.expose().contains(char::is_control));
    if store.key_id.is_some() != store.secret.is_some() {
        return Err(wrong("secret", "given together with key_id"));
    }
    if store.session_token.is_some() && store.secret.is_none() {
        return Err(wrong("session_token", "given together with key_id and secret"));
    }
    if !is_text(&store.secret) || !is_text(&store.session_token) {
        return Err(wrong("secret", "without control characters, and so must session_token"));
    }
    if store.key_id.as_ref().is_some_and(|id| id.contains(char::is_control)) {
        return Err(wrong("key_id", "without control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses() {
        assert_eq!(prefix("/a/b/").ok(), Some("a/b".to_owned()));
        assert_eq!(prefix("").ok(), Some(String::new()));
        for text in ["a//b", "a/../b", ".", "a\nb"] {
            assert!(prefix(text).is_err(), "{text:?}");
        }
        for text in ["", "s3://b", "a/b", "..", "b?x"] {
            assert!(bucket(text).is_err(), "{text:?}");
        }
        assert_eq!(endpoint("https://h:9000/", false).ok(), Some("https://h:9000".to_owned()));
        assert_eq!(endpoint("http://[::1]:9000", true).ok(), Some("http://[::1]:9000".to_owned()));
        assert!(endpoint("http://h", false).is_err_and(|e| e.hint().is_some_and(|h| h.contains("allow_http"))));
        for text in ["h:9000", "https://", "https://u:p@h", "https://h/path", "ftp://h"] {
            assert!(endpoint(text, true).is_err(), "{text:?}");
        }
    }
}
