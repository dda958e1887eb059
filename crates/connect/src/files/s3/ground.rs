//! A bucket as the ground of a catalog: a look at it is a request, so that what was seen of a table's objects answers for a while.

use super::client::Client;
use super::site::Site;
use crate::connector::{Context, NodeCheck};
use crate::database::Cache;
use crate::files::fileset::FileSet;
use crate::files::format::Format;
use crate::files::ground::{Ground, Paths};
use crate::files::layout::{self, Origin, Table};
use crate::files::listing::Freshness;
use async_trait::async_trait;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use weft_core::executor::RemoteStatement;
use weft_core::store::{Store, StoreRole};
use weft_core::worker::Worker;
use weft_core::{Error, ErrorKind, Result};

/// Tables whose objects are remembered.
const MAX_SEEN: usize = 1_000;

/// A bucket, or a prefix in it.
pub(crate) struct Bucket {
    site: Arc<Site>,
    client: Client,
    worker: Arc<dyn Worker>,
    seen: Cache<(Origin, Format), Arc<FileSet>>,
}

impl Bucket {
    /// Looks at nothing yet.
    pub(crate) fn new(site: Site, context: &Context) -> Bucket {
        let site = Arc::new(site);
        Bucket {
            client: Client::new(site.clone()),
            worker: context.worker.clone(),
            seen: Cache::new(context.metadata_ttl, MAX_SEEN),
            site,
        }
    }

    /// The table's objects as they are now; `58P01` if they are gone, which is not remembered.
    async fn look(&self, table: &Table) -> Result<Arc<FileSet>> {
        let path = table.origin.path().to_str().unwrap_or_default();
        let key = self.site.key(path);
        let set = match (&table.origin, key) {
            (Origin::File(path), Some(key)) => {
                self.client.look(key).await?.map(|file| FileSet::new(table.format, path, vec![file]))
            }
            (Origin::Folder(_) | Origin::Partitions(_), key) => {
                let objects = self.client.list(key).await?;
                let selection = self.site.formats.selection(self.site.max_files);
                layout::gather(&objects, &objects.root(), selection, table)?
            }
            (Origin::File(_), None) => None,
        };
        set.map(Arc::new).ok_or_else(|| Error::new(ErrorKind::UndefinedFile, "the objects of the table are gone"))
    }
}

#[async_trait]
impl Ground for Bucket {
    async fn list(&self) -> Result<Vec<Table>> {
        let objects = self.client.list(None).await?;
        layout::list(&objects, &objects.root(), self.site.formats.selection(self.site.max_files))
    }

    async fn refresh(&self, table: &Table) -> Result<Option<Arc<FileSet>>> {
        let key = (table.origin.clone(), table.format);
        self.seen.get(&key, || self.look(table)).await.map(Some)
    }

    async fn base(&self) -> Result<PathBuf> {
        Ok(PathBuf::from(self.site.base()))
    }

    async fn check(&self) -> NodeCheck {
        let begun = Instant::now();
        let mut outcome = self.client.ping().await;
        let latency = begun.elapsed();
        if outcome.is_ok() && self.site.store.role == StoreRole::Primary {
            // The worker is to open it, too. For a backup that nobody reads a database is not worth its place.
            let statement = RemoteStatement::new("SELECT 1").on(self.stores());
            outcome = self.worker.describe(&statement).await.map(drop);
        }
        NodeCheck { node: self.site.place.address.clone(), latency, version: None, error: outcome.err() }
    }

    fn lookup(&self) -> Freshness {
        Freshness::Any
    }

    fn forget(&self) {
        self.seen.clear();
    }

    fn paths(&self) -> Paths {
        Paths::Literal
    }

    fn stores(&self) -> Vec<Arc<Store>> {
        vec![self.site.store.clone()]
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("scope", &self.site.store.scope).finish_non_exhaustive()
    }
}
