//! A disk as the ground of a catalog: every look at it runs where waiting holds nobody up.

use super::roots::{Roots, io_error};
use super::site::Site;
use super::tables;
use crate::connector::NodeCheck;
use crate::files::fileset::FileSet;
use crate::files::ground::{Ground, Paths};
use crate::files::layout::Table;
use crate::files::listing::Freshness;
use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use weft_core::store::Store;
use weft_core::{Error, Result};

/// A place on a disk.
#[derive(Debug)]
pub(crate) struct Disk {
    site: Arc<Site>,
}

impl Disk {
    /// Looks at nothing yet.
    pub(crate) fn new(site: Site) -> Disk {
        Disk { site: Arc::new(site) }
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Site) -> Result<T> + Send + 'static) -> Result<T> {
        let site = self.site.clone();
        tokio::task::spawn_blocking(move || work(&site))
            .await
            .map_err(|e| Error::internal("a look at the disk broke off").with_source(e))?
    }
}

#[async_trait]
impl Ground for Disk {
    async fn list(&self) -> Result<Vec<Table>> {
        self.blocking(tables::list).await
    }

    async fn refresh(&self, table: &Table) -> Result<Option<Arc<FileSet>>> {
        let wanted = table.clone();
        Ok(self.blocking(move |site| tables::refresh(site, &wanted)).await?.map(Arc::new))
    }

    async fn base(&self) -> Result<PathBuf> {
        self.blocking(|site| {
            let base = Roots::resolve(&site.roots).admit(&site.path)?;
            Ok(if base.is_dir() { base } else { base.parent().unwrap_or(&base).to_owned() })
        })
        .await
    }

    async fn check(&self) -> NodeCheck {
        let begun = Instant::now();
        let outcome = self.blocking(|site| {
            let base = Roots::resolve(&site.roots).admit(&site.path)?;
            let looked =
                if base.is_dir() { std::fs::read_dir(&base).map(drop) } else { std::fs::File::open(&base).map(drop) };
            looked.map_err(|e| io_error(&e, &format!("\"{}\"", site.path.display())))
        });
        let error = outcome.await.err();
        NodeCheck { node: self.site.path.display().to_string(), latency: begun.elapsed(), version: None, error }
    }

    fn lookup(&self) -> Freshness {
        Freshness::Recent
    }

    // Every look is a new one.
    fn forget(&self) {}

    fn paths(&self) -> Paths {
        Paths::Patterns
    }

    fn stores(&self) -> Vec<Arc<Store>> {
        Vec::new()
    }
}
