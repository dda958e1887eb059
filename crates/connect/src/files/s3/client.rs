//! Requests to the store: listings, and a look at one object. It must not know tables.

use super::error::explain;
use super::objects::Objects;
use super::site::Site;
use crate::files::tree::DataFile;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{ClientOptions, Error as StoreError, ObjectMeta, ObjectStore, RetryConfig};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::OnceCell;
use weft_core::store::Addressing;
use weft_core::{Error, Result};

/// Connections that are kept though idle.
const IDLE_CONNECTIONS: usize = 4;

/// The store of a catalog. It has no `Debug`: `object_store` would show the key.
pub(crate) struct Client {
    site: Arc<Site>,
    /// Made when it is needed first: the machine's certificates are read for it.
    store: OnceCell<AmazonS3>,
}

impl Client {
    /// Connects to nothing yet.
    pub(crate) fn new(site: Arc<Site>) -> Client {
        Client { site, store: OnceCell::new() }
    }

    /// Everything below the key, `from`, or below the catalog's own prefix.
    pub(crate) async fn list(&self, from: Option<&str>) -> Result<Objects> {
        let from = from.unwrap_or(&self.site.prefix);
        let base = if from.is_empty() {
            format!("s3://{}", self.site.bucket)
        } else {
            format!("s3://{}/{from}", self.site.bucket)
        };
        let mut objects = Objects::new(base, self.site.formats.selection(self.site.max_files));
        let prefix = Path::parse(from).map_err(|e| self.explain(e.into()))?;
        let mut listing = self.store().await?.list(Some(&prefix));
        while let Some(object) = listing.next().await {
            match object {
                Ok(object) => self.add(&mut objects, &prefix, &object)?,
                Err(StoreError::InvalidPath { .. }) => {
                    self.list_by_folder(&prefix, prefix.clone(), &mut objects).await?;
                    break;
                }
                Err(error) => return Err(self.explain(error)),
            }
        }
        Ok(objects)
    }

    /// As [`Client::list`], folder by folder: a key that cannot be used spoils its own folder only. It takes a request for each folder.
    fn list_by_folder<'a>(
        &'a self,
        root: &'a Path,
        folder: Path,
        objects: &'a mut Objects,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            match self.store().await?.list_with_delimiter(Some(&folder)).await {
                Ok(found) => {
                    for object in &found.objects {
                        self.add(objects, root, object)?;
                    }
                    for below in
                        found.common_prefixes.into_iter().filter(|below| below.as_ref().len() > folder.as_ref().len())
                    {
                        self.list_by_folder(root, below, objects).await?;
                    }
                    Ok(())
                }
                Err(error @ StoreError::InvalidPath { .. }) if folder != *root => {
                    objects.add_broken(below(root, &folder), self.explain(error));
                    Ok(())
                }
                Err(error) => Err(self.explain(error)),
            }
        }
        .boxed()
    }

    fn add(&self, objects: &mut Objects, root: &Path, object: &ObjectMeta) -> Result<()> {
        objects.add(below(root, &object.location), || self.file(object))
    }

    /// The object with this key, told as a listing tells it: a request for the object itself would round its time.
    pub(crate) async fn look(&self, key: &str) -> Result<Option<DataFile>> {
        let first = first(self.store().await?, key).await.map_err(|error| self.explain(error))?;
        Ok(first.filter(|object| object.location.as_ref() == key).map(|object| self.file(&object)))
    }

    /// Asks for one key, to see whether the store answers.
    pub(crate) async fn ping(&self) -> Result<()> {
        match first(self.store().await?, &self.site.prefix).await {
            // It answered, maybe with a key that cannot be used.
            Ok(_) | Err(StoreError::InvalidPath { .. }) => Ok(()),
            Err(error) => Err(self.explain(error)),
        }
    }

    fn file(&self, object: &ObjectMeta) -> DataFile {
        DataFile {
            path: format!("s3://{}/{}", self.site.bucket, object.location),
            bytes: object.size,
            modified: Some(SystemTime::from(object.last_modified)),
            etag: object.e_tag.clone(),
        }
    }

    fn explain(&self, error: StoreError) -> Error {
        explain(&self.site, error)
    }

    async fn store(&self) -> Result<&AmazonS3> {
        let site = self.site.clone();
        let make = || async {
            let work = tokio::task::spawn_blocking(move || build(&site));
            work.await.map_err(|e| Error::internal("making a client broke off").with_source(e))?
        };
        self.store.get_or_try_init(make).await
    }
}

/// The first object whose key begins so.
async fn first(store: &AmazonS3, start: &str) -> Result<Option<ObjectMeta>, StoreError> {
    let options = PaginatedListOptions { max_keys: Some(1), ..PaginatedListOptions::default() };
    Ok(store.list_paginated(Some(start), options).await?.result.objects.pop())
}

/// The key below the root.
fn below<'k>(root: &Path, key: &'k Path) -> &'k str {
    let rest = key.as_ref().strip_prefix(root.as_ref()).unwrap_or(key.as_ref());
    rest.strip_prefix('/').unwrap_or(rest)
}

/// Nothing comes from the environment but proxies.
fn build(site: &Site) -> Result<AmazonS3> {
    let store = &site.store;
    let client = ClientOptions::new()
        .with_allow_http(store.endpoint.starts_with("http://"))
        .with_connect_timeout(site.connect_timeout)
        .with_timeout(store.request_timeout)
        .with_pool_max_idle_per_host(IDLE_CONNECTIONS);
    let retry = RetryConfig {
        max_retries: store.max_retries.try_into().unwrap_or(usize::MAX),
        retry_timeout: site.connect_timeout,
        ..RetryConfig::default()
    };
    let is_virtual = store.addressing == Addressing::VirtualHost;
    let endpoint = match store.endpoint.split_once("://") {
        Some((scheme, address)) if is_virtual => format!("{scheme}://{}.{address}", site.bucket),
        _ => store.endpoint.clone(),
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&site.bucket)
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
    builder.build().map_err(|error| explain(site, error))
}
