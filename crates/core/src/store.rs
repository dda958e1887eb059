//! What it takes to open an object store, handed from a source to the worker that reads it. No I/O happens here.

use crate::Secret;

/// An object store of S3's protocol, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// What may be read: `s3://bucket/` or `s3://bucket/prefix/`.
    pub scope: String,
    /// Its URL, such as `https://s3.eu-central-1.amazonaws.com`; none for Amazon's own.
    pub endpoint: Option<String>,
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
}

/// How a bucket is named in URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// `https://host/bucket/key`
    Path,
    /// `https://bucket.host/key`
    VirtualHost,
}
