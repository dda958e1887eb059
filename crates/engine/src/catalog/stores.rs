//! What becomes of statements on object stores: whoever runs one tells here what it met, and asks whether another store would do. It must not know plans.

use super::{Catalog, Catalogs, Source};
use futures::future::select_all;
use futures::{FutureExt, future};
use std::sync::Arc;
use std::time::Instant;
use weft_core::Error;
use weft_core::name::quote_always;
use weft_core::store::{Store, StoreRole};

impl Catalogs {
    /// A statement that was begun then, on these stores, has met an error; whether one of them is not read any more.
    pub fn blame(&self, stores: &[Arc<Store>], error: &Error, begun: Instant) -> bool {
        let mut is_left = false;
        for (source, store) in self.with_sources(stores) {
            source.blame(store, error, begun);
            is_left |= source.stores().is_some_and(|pool| !pool.serves(store));
        }
        is_left
    }

    /// Waits until one of these stores is not read any more, and tells why.
    pub async fn left(&self, stores: &[Arc<Store>]) -> Error {
        let all = self.with_sources(stores);
        let waits = all.iter().map(|(source, store)| source.left(store).boxed());
        match waits.collect::<Vec<_>>() {
            none if none.is_empty() => future::pending().await,
            some => select_all(some).await.0,
        }
    }

    /// What a client is to know of these stores, a sentence for each catalog that is read from its backup.
    pub fn told_of_backups(&self, stores: &[Arc<Store>]) -> Vec<String> {
        let backups = stores.iter().filter(|store| store.role == StoreRole::Backup);
        let told = backups.map(|store| {
            let source = self.of(store);
            let reason = source.as_ref().and_then(|s| s.stores()).and_then(|pool| pool.reason());
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("catalog {} is read from its backup store{reason}", quote_always(&store.catalog))
        });
        told.collect()
    }

    /// Which of its stores each catalog is read from, where there is a choice, and why.
    pub fn notes_on_stores(&self, stores: &[Arc<Store>]) -> Vec<String> {
        let all = self.with_sources(stores);
        let chosen = all.iter().filter_map(|(source, store)| {
            let pool = source.stores().filter(|pool| pool.has_backup())?;
            let member = pool.figures().into_iter().find(|member| member.role == store.role)?;
            let reason = match store.role {
                StoreRole::Primary => String::new(),
                StoreRole::Backup => pool.reason().map(|reason| format!(", because {reason}")).unwrap_or_default(),
            };
            let catalog = quote_always(source.name());
            Some(format!("Catalog {catalog} is read from its {} store {}{reason}", store.role, member.address))
        });
        chosen.collect()
    }

    fn with_sources<'s>(&self, stores: &'s [Arc<Store>]) -> Vec<(Arc<Source>, &'s Arc<Store>)> {
        stores.iter().filter_map(|store| Some((self.of(store)?, store))).collect()
    }

    /// The source that has, or had, the store.
    fn of(&self, store: &Store) -> Option<Arc<Source>> {
        match self.get(&store.catalog) {
            Ok(Catalog::Source(source)) => Some(source),
            _ => None,
        }
    }
}
