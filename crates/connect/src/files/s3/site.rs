//! The options of kind `s3` as the rest of this room wants them: one site, or two. It must not reach any store.

use super::options::{OPTIONS, PROPERTIES};
use super::pool::Rules;
use crate::connector::{Context, Given};
use crate::database::Place;
use crate::files::options::Formats;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use weft_core::option::{check, parse_boolean};
use weft_core::settings::Span;
use weft_core::store::{Addressing, Store, StoreRole};
use weft_core::{Error, ErrorKind, Result, Secret};

/// The buckets of a catalog.
#[derive(Debug)]
pub(crate) struct Sites {
    /// The one that is read while it is well.
    pub(crate) primary: Site,
    /// Another one with the same objects.
    pub(crate) backup: Option<Site>,
    /// When which of them is read.
    pub(crate) rules: Rules,
}

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

impl Sites {
    /// Checks what the user gave.
    pub(crate) fn read(given: &Given, context: &Context) -> Result<Sites> {
        let options = check(OPTIONS, &given.options)?;
        let properties = check(PROPERTIES, &given.properties)?;
        let asked = Asked { catalog: &given.catalog, options: &options, properties: &properties, context };
        let primary = asked.site(StoreRole::Primary)?;
        let backup = if asked.has_backup()? { Some(asked.site(StoreRole::Backup)?) } else { None };
        let place = |site: &Site| (site.store.endpoint.clone(), site.store.scope.clone());
        if backup.as_ref().is_some_and(|backup| place(backup) == place(&primary)) {
            return Err(wrong("backup_bucket", "another place than that which it is the backup of"));
        }
        let count = |name: &str| properties.get(name).and_then(|n| n.parse().ok()).unwrap_or(1);
        let rules = Rules {
            interval: match properties.contains_key("health_interval") {
                true => time(&properties, "health_interval"),
                false => context.store_health_interval,
            },
            fail_over_after: count("fail_over_after"),
            fail_back_after: count("fail_back_after"),
        };
        Ok(Sites { primary, backup, rules })
    }
}

impl Site {
    /// The folder as DuckDB is told: `s3://bucket/prefix`.
    pub(crate) fn base(&self) -> &str {
        self.store.scope.trim_end_matches('/')
    }

    /// The key of a path that begins with `s3://bucket/`.
    pub(crate) fn key<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix("s3://")?.strip_prefix(self.bucket.as_str())?.strip_prefix('/')
    }

    /// Where it is, as users read it.
    pub(crate) fn address(&self) -> String {
        let folder = self.base().strip_prefix("s3://").unwrap_or_default();
        format!("{}/{folder}", self.store.endpoint)
    }

    /// `08001`: the store cannot be reached, and why.
    pub(crate) fn unreachable(&self, why: impl std::fmt::Display) -> Error {
        match self.store.role {
            StoreRole::Primary => self.place.unreachable(why),
            StoreRole::Backup => {
                let message = format!("the backup store of {} cannot be reached", self.place.subject());
                Error::new(ErrorKind::ConnectionFailed, message).with_detail(format!("{}: {why}", self.place.address))
            }
        }
    }
}

/// What the user gave, checked one by one.
struct Asked<'a> {
    catalog: &'a str,
    options: &'a BTreeMap<String, String>,
    properties: &'a BTreeMap<String, String>,
    context: &'a Context,
}

/// What the names of a backup's options begin with.
const BACKUP: &str = "backup_";

/// An option of one of the stores.
fn name(role: StoreRole, option: &str) -> String {
    match role {
        StoreRole::Primary => option.to_owned(),
        StoreRole::Backup => format!("{BACKUP}{option}"),
    }
}

impl Asked<'_> {
    fn given(&self, role: StoreRole, option: &str) -> Option<&str> {
        self.options.get(&name(role, option)).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// What is given for the store, or else, where a backup is like the first store, for that.
    fn like(&self, role: StoreRole, option: &str) -> &str {
        self.given(role, option).or_else(|| self.given(StoreRole::Primary, option)).unwrap_or_default()
    }

    /// Whether there is one; it is an error if that is not to be told.
    fn has_backup(&self) -> Result<bool> {
        let is_given = |option| self.given(StoreRole::Backup, option).is_some();
        if is_given("bucket") || is_given("endpoint") {
            return Ok(true);
        }
        match self.options.iter().find(|(name, value)| name.starts_with(BACKUP) && !value.is_empty()) {
            Some((name, _)) => Err(wrong(name, "given together with backup_endpoint or backup_bucket")),
            None => Ok(false),
        }
    }

    fn site(&self, role: StoreRole) -> Result<Site> {
        let named = |option| name(role, option);
        let (bucket, prefix) = (
            bucket(&named("bucket"), self.like(role, "bucket"))?,
            prefix(&named("prefix"), self.like(role, "prefix"))?,
        );
        let region = region(&named("region"), self.like(role, "region"))?;
        let own = self.given(role, "endpoint");
        let addressing = match self.given(role, "addressing") {
            Some("path") => Addressing::Path,
            Some(_) => Addressing::VirtualHost,
            None if own.is_some() => Addressing::Path,
            None => Addressing::VirtualHost,
        };
        let endpoint = match own {
            Some(url) => endpoint(role, url, self.given(role, "allow_http").and_then(parse_boolean) == Some(true))?,
            None => format!("https://s3.{region}.amazonaws.com"),
        };
        let optional = |option| self.given(role, option).map(str::to_owned);
        let store = Store {
            catalog: self.catalog.to_owned(),
            role,
            scope: if prefix.is_empty() { format!("s3://{bucket}/") } else { format!("s3://{bucket}/{prefix}/") },
            endpoint,
            region,
            key_id: optional("key_id"),
            secret: optional("secret").map(Secret::new),
            session_token: optional("session_token").map(Secret::new),
            addressing,
            request_timeout: time(self.properties, "request_timeout"),
            max_retries: self.properties.get("max_retries").and_then(|n| n.parse().ok()).unwrap_or_default(),
        };
        check_key(&store)?;
        Ok(Site {
            place: Place { catalog: self.catalog.to_owned(), address: store.address().to_owned() },
            bucket,
            prefix,
            store: Arc::new(store),
            formats: Formats::read(self.options)?,
            max_files: self.context.max_files_per_table,
            connect_timeout: time(self.properties, "connect_timeout"),
        })
    }
}

fn time(properties: &BTreeMap<String, String>, name: &str) -> Duration {
    properties.get(name).and_then(|text| text.parse::<Span>().ok()).map_or(Duration::ZERO, |span| span.0)
}

fn wrong(option: &str, what: &str) -> Error {
    Error::new(ErrorKind::InvalidParameterValue, format!("option {option} must be {what}"))
}

fn bucket(option: &str, text: &str) -> Result<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if text.is_empty() || text.starts_with('.') || text.len() > 255 || !text.chars().all(is_plain) {
        return Err(wrong(option, "the name of a bucket, without s3:// and slashes")
            .with_hint(format!("A folder in it goes into the option {}.", option.replace("bucket", "prefix"))));
    }
    Ok(text.to_owned())
}

fn prefix(option: &str, text: &str) -> Result<String> {
    let text = text.trim_matches('/');
    let is_unusable = |part: &str| matches!(part, "" | "." | "..") || part.contains(char::is_control);
    if !text.is_empty() && text.split('/').any(is_unusable) {
        return Err(wrong(option, "names separated by single slashes"));
    }
    Ok(text.to_owned())
}

fn region(option: &str, text: &str) -> Result<String> {
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        return Err(wrong(option, "the name of a region, such as eu-central-1"));
    }
    Ok(text.to_owned())
}

fn endpoint(role: StoreRole, text: &str, may_be_plain: bool) -> Result<String> {
    let (option, allow) = (name(role, "endpoint"), name(role, "allow_http"));
    let url = text.trim_end_matches('/');
    let address = match url.split_once("://") {
        Some(("https", address)) => address,
        Some(("http", address)) if may_be_plain => address,
        Some(("http", _)) => {
            return Err(wrong(&option, &format!("https://, unless {allow} is true"))
                .with_hint(format!("Where nobody can listen: OPTIONS ({allow} 'true').")));
        }
        _ => return Err(wrong(&option, "a URL, such as https://minio.example:9000")),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if address.is_empty() || !address.chars().all(is_plain) {
        return Err(wrong(&option, "a URL of a host and optionally a port, without a path"));
    }
    Ok(url.to_owned())
}

fn check_key(store: &Store) -> Result<()> {
    let named = |option| name(store.role, option);
    let is_text = |secret: &Option<Secret>| secret.as_ref().is_none_or(|s| !s.expose().contains(char::is_control));
    if store.key_id.is_some() != store.secret.is_some() {
        return Err(wrong(&named("secret"), &format!("given together with {}", named("key_id"))));
    }
    if store.session_token.is_some() && store.secret.is_none() {
        let both = format!("given together with {} and {}", named("key_id"), named("secret"));
        return Err(wrong(&named("session_token"), &both));
    }
    if !is_text(&store.secret) || !is_text(&store.session_token) {
        let both = format!("without control characters, and so must {}", named("session_token"));
        return Err(wrong(&named("secret"), &both));
    }
    if store.key_id.as_ref().is_some_and(|id| id.contains(char::is_control)) {
        return Err(wrong(&named("key_id"), "without control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses() {
        let prefix = |text| prefix("prefix", text);
        let bucket = |text| bucket("bucket", text);
        let endpoint = |text, plain| endpoint(StoreRole::Primary, text, plain);
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
