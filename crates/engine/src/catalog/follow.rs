//! Catalogs that other gateways have created, altered or dropped: what is mounted follows what is stored. A source that has not changed stays as it is,
//! with its connections.

use super::{Catalogs, Source};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_core::Result;
use weft_meta::CatalogRecord;

/// How long a change may go unseen if nothing announces it.
const GLANCE: Duration = Duration::from_secs(5);

impl Catalogs {
    /// Follows the changes of other gateways, if there can be others.
    pub fn follow(&self, stopping: CancellationToken) {
        let Some(mut watch) = self.metastore.watch() else { return };
        let this = self.clone();
        tokio::spawn(async move {
            let mut seen = None;
            loop {
                match this.metastore.versions().newest().await {
                    Ok(newest) if seen == Some(newest) => {}
                    Ok(newest) => match this.renew().await {
                        Ok(()) => seen = Some(newest),
                        Err(error) => {
                            tracing::warn!(%error, "the catalogs cannot be compared with those that are stored")
                        }
                    },
                    Err(error) => tracing::debug!(%error, "the metadata store does not tell its version"),
                }
                tokio::select! {
                    () = stopping.cancelled() => return,
                    () = watch.wait(GLANCE) => {}
                }
            }
        });
    }

    /// Learns what others have changed: who may do what first, so that nobody may do for a moment what was taken from them.
    async fn renew(&self) -> Result<()> {
        self.principals.learn().await?;
        self.reload().await
    }

    /// Mounts what is stored and not mounted, or mounted otherwise; forgets what is not stored any more.
    pub(crate) async fn reload(&self) -> Result<()> {
        let this = self.clone();
        self.committed(async move {
            let stored = this.metastore.catalogs().list().await?;
            let mounted: BTreeMap<Uuid, Arc<Source>> = this.sources().into_iter().map(|s| (s.record.id, s)).collect();
            let is_new =
                |record: &&CatalogRecord| mounted.get(&record.id).is_none_or(|source| source.record != **record);
            let mut changed = Vec::new();
            for record in stored.iter().filter(is_new) {
                let connector = this.reopen(record).await;
                if let Err(error) = &connector {
                    tracing::warn!(catalog = record.definition.name, %error, "a source could not be opened");
                }
                changed.push(Arc::new(Source::mount(record.clone(), connector, None, this.patience, &this.turns)));
            }
            // At once: no statement may find neither the old nor the new.
            {
                let mut sources = this.sources.write();
                sources.retain(|_, source| stored.contains(&source.record));
                sources.extend(changed.into_iter().map(|source| (source.name().to_owned(), source)));
            }
            this.learn().await
        })
        .await
    }
}
