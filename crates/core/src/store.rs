//! What it takes to open an object store, handed from a source to the worker that reads it. No I/O happens here.

use crate::{Error, ErrorKind, Secret};
use std::fmt;
use std::time::Duration;

/// An object store of S3's protocol, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// The catalog that it belongs to, for errors; empty while that is only proposed.
    pub catalog: String,
    /// Which of the catalog's stores it is. Workers open both alike, and are not told.
    pub role: StoreRole,
    /// What may be read: `s3://bucket/` or `s3://bucket/prefix/`.
    pub scope: String,
    /// Its URL without a path, such as `https://s3.eu-central-1.amazonaws.com`.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// The key's id; none for public buckets.
    pub key_id: Option<String>,
    /// The key.
    pub secret: Option<Secret>,
    /// The session token of temporary keys.
    pub session_token: Option<Secret>,
    /// How a bucket is named in URLs.
    pub addressing: Addressing,
    /// How long one request may take.
    pub request_timeout: Duration,
    /// How often a request that failed is sent again.
    pub max_retries: u32,
}

/// Which of a catalog's stores it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreRole {
    /// The one that is read while it is well.
    Primary,
    /// The one that holds the same objects, for when the first is away.
    Backup,
}

impl fmt::Display for StoreRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StoreRole::Primary => "primary",
            StoreRole::Backup => "backup",
        })
    }
}

/// How a bucket is named in URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// `https://host/bucket/key`
    Path,
    /// `https://bucket.host/key`
    VirtualHost,
}

impl Store {
    /// Whether one statement cannot read both: what one may read lies in the scope of the other, and they are opened differently.
    pub fn collides_with(&self, other: &Store) -> bool {
        let overlap = self.scope.starts_with(&other.scope) || other.scope.starts_with(&self.scope);
        overlap && !self.opens_like(other)
    }

    /// Whether the same place is opened in the same way, with the same key.
    fn opens_like(&self, other: &Store) -> bool {
        self.endpoint == other.endpoint
            && self.region == other.region
            && self.addressing == other.addressing
            && self.key_id == other.key_id
            && self.secret == other.secret
            && self.session_token == other.session_token
    }

    /// Whether the error says that this store could not be reached, wherever it was met: every error of a store begins its detail with the address.
    pub fn is_blamed(&self, error: &Error) -> bool {
        let told = error.detail().and_then(|detail| detail.strip_prefix(self.address()));
        error.kind() == ErrorKind::ConnectionFailed && told.is_some_and(|rest| rest.starts_with(": "))
    }

    /// `host:port` or `host` of the endpoint.
    pub fn address(&self) -> &str {
        self.endpoint.split_once("://").map_or(self.endpoint.as_str(), |(_, address)| address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(scope: &str, key: &str) -> Store {
        Store {
            catalog: String::new(),
            role: StoreRole::Primary,
            scope: scope.to_owned(),
            endpoint: "http://127.0.0.1:8333".to_owned(),
            region: "us-east-1".to_owned(),
            key_id: Some(key.to_owned()),
            secret: Some(Secret::new("hush")),
            session_token: None,
            addressing: Addressing::Path,
            request_timeout: Duration::from_secs(1),
            max_retries: 0,
        }
    }

    #[test]
    fn only_what_overlaps_and_differs_collides() {
        let all = store("s3://b/", "k");
        assert!(!all.collides_with(&store("s3://b/p/", "k")));
        assert!(all.collides_with(&store("s3://b/p/", "other")));
        assert!(store("s3://b/p/", "other").collides_with(&all));
        assert!(!all.collides_with(&store("s3://bb/", "other")));
        let elsewhere = Store { endpoint: "http://127.0.0.1:9000".to_owned(), ..all.clone() };
        assert!(all.collides_with(&elsewhere));
        assert!(!all.collides_with(&Store { catalog: "c".to_owned(), ..all.clone() }));
        assert_eq!(all.address(), "127.0.0.1:8333");
        assert!(!format!("{all:?}").contains("hush"));
    }

    #[test]
    fn an_error_blames_the_store_whose_address_it_tells() {
        let store = store("s3://b/", "k");
        let error = |kind, detail: &str| Error::new(kind, "no").with_detail(detail);
        assert!(store.is_blamed(&error(ErrorKind::ConnectionFailed, "127.0.0.1:8333: refused")));
        assert!(!store.is_blamed(&error(ErrorKind::ConnectionFailed, "127.0.0.1:83331: refused")));
        assert!(!store.is_blamed(&error(ErrorKind::InsufficientPrivilege, "127.0.0.1:8333: AccessDenied")));
        assert!(!store.is_blamed(&Error::new(ErrorKind::ConnectionFailed, "worker \"w\" does not answer")));
    }
}
