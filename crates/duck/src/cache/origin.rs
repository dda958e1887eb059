//! The real store behind a catalog's objects: the one place that has its keys. It must not know what is kept of them.

use super::failure::why;
use crate::request::Why;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectMeta, ObjectStore, RetryConfig};
use std::future::Future;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use weft_core::store::{Addressing, Store};
use weft_core::{Error, ErrorKind, Result};

/// Connections that are kept though idle.
const IDLE_CONNECTIONS: usize = 16;

/// The longest wait between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long a store may take to accept a connection, if a whole request may take longer.
const CONNECT: Duration = Duration::from_secs(5);

/// A store that can be asked. It has no `Debug`: `object_store` would show the key.
pub(crate) struct Origin {
    store: Arc<Store>,
    bucket: String,
    client: AmazonS3,
}

impl Origin {
    /// Connects to nothing yet. Blocks: the machine's certificates are read.
    pub(crate) fn open(store: Arc<Store>) -> Result<Origin> {
        let (bucket, _) = place(&store.scope);
        let client = build(&store, bucket).map_err(|error| {
            // The error itself might repeat what was given.
            tracing::debug!(scope = store.scope, why = ?why(&error), "a store is not taken");
            let message = format!("the options of the store \"{}\" cannot be used", store.scope);
            Error::new(ErrorKind::InvalidParameterValue, message)
        })?;
        Ok(Origin { bucket: bucket.to_owned(), store, client })
    }

    /// Whether the object lies in what may be read.
    pub(crate) fn holds(&self, bucket: &str, key: &str) -> bool {
        let (_, prefix) = place(&self.store.scope);
        self.bucket == bucket && key.starts_with(prefix)
    }

    /// What tells an object of this store from those of others, as far as they hold other bytes.
    pub(crate) fn address(&self) -> &str {
        &self.store.endpoint
    }

    /// The bucket.
    pub(crate) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// As long as one request takes at most, its repetitions included.
    pub(crate) fn patience(&self) -> Duration {
        (self.store.request_timeout + LONGEST_PAUSE) * (self.store.max_retries + 1)
    }

    /// What the store says of an object now.
    pub(crate) async fn look(&self, key: &Path) -> Result<ObjectMeta, Why> {
        match self.bounded(self.client.get_opts(key, GetOptions::new().with_head(true))).await {
            Ok(found) => Ok(found.meta),
            Err(Why::Status(404, words)) => Err(Why::Status(404, words)),
            // An answer to this question has no words in it; one to another question has.
            Err(Why::Status(..)) => {
                let first = GetOptions::new().with_range(Some(0..1));
                Ok(self.bounded(self.client.get_opts(key, first)).await?.meta)
            }
            Err(other) => Err(other),
        }
    }

    /// The bytes of an object, as long as it is the one that was looked at.
    pub(crate) async fn read(
        &self,
        seen: &ObjectMeta,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, Why>>, Why> {
        let options = GetOptions {
            if_match: seen.e_tag.clone(),
            // Without an ETag the time is all that there is.
            if_unmodified_since: seen.e_tag.is_none().then_some(seen.last_modified),
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.bounded(self.client.get_opts(&seen.location, options)).await?;
        if found.meta.size != seen.size || found.meta.e_tag != seen.e_tag {
            return Err(Why::Changed);
        }
        Ok(found.into_stream().map_err(|error| why(&error)).boxed())
    }

    async fn bounded<T>(&self, request: impl Future<Output = object_store::Result<T>>) -> Result<T, Why> {
        match tokio::time::timeout(self.patience(), request).await {
            Ok(answer) => answer.map_err(|error| why(&error)),
            Err(_) => Err(Why::too_late()),
        }
    }
}

/// Bucket and prefix; the prefix is empty or ends in a slash.
fn place(scope: &str) -> (&str, &str) {
    scope.strip_prefix("s3://").unwrap_or(scope).split_once('/').unwrap_or((scope, ""))
}

/// Nothing comes from the environment but proxies.
fn build(store: &Store, bucket: &str) -> object_store::Result<AmazonS3> {
    let client = ClientOptions::new()
        .with_allow_http(store.endpoint.starts_with("http://"))
        .with_connect_timeout(store.request_timeout.min(CONNECT))
        .with_timeout(store.request_timeout)
        .with_pool_max_idle_per_host(IDLE_CONNECTIONS);
    let retry = RetryConfig {
        max_retries: store.max_retries.try_into().unwrap_or(usize::MAX),
        retry_timeout: store.request_timeout * (store.max_retries + 1),
        backoff: BackoffConfig { max_backoff: LONGEST_PAUSE, ..BackoffConfig::default() },
    };
    let is_virtual = store.addressing == Addressing::VirtualHost;
    let endpoint = match store.endpoint.split_once("://") {
        Some((scheme, address)) if is_virtual => format!("{scheme}://{bucket}.{address}"),
        _ => store.endpoint.clone(),
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_endpoint(endpoint)
        .with_region(&store.region)
        .with_virtual_hosted_style_request(is_virtual)
        .with_client_options(client)
        .with_retry(retry);
    builder = match (&store.key_id, &store.secret) {
        (Some(key_id), Some(secret)) => builder.with_access_key_id(key_id).with_secret_access_key(secret.expose()),
        _ => builder.with_skip_signature(true),
    };
    if let Some(token) = &store.session_token {
        builder = builder.with_token(token.expose());
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_places() {
        assert_eq!(place("s3://b/"), ("b", ""));
        assert_eq!(place("s3://b/p/q/"), ("b", "p/q/"));
    }
}
