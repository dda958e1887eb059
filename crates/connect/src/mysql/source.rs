//! A MySQL server as a source: its connections, and what is remembered of its tables. It must not know how rows are decoded.

use super::catalog::{self, Scope, Table};
use super::dial::Dialer;
use super::options::Site;
use super::running::Running;
use crate::database::{Cache, Limits, Origin, Place, Pool};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use weft_core::settings::Span;
use weft_core::{Error, ErrorKind, Result};

/// Tables that are remembered one by one.
const TABLES_REMEMBERED: usize = 10_000;

/// The source's own catalog must answer within this.
const CATALOG_PATIENCE: Duration = Duration::from_secs(60);

/// Statements that are killed at once. Each takes a connection besides those of the pool.
const KILLS_AT_ONCE: usize = 2;

/// A server and what we keep for it.
pub(super) struct Source {
    pub(super) site: Site,
    pub(super) place: Place,
    pub(super) limits: Limits,
    pub(super) pool: Pool<Dialer>,
    /// Makes room for connections that kill.
    pub(super) kills: Semaphore,
    listing: Cache<(), Arc<Vec<Table>>>,
    tables: Cache<(String, String), Arc<Table>>,
}

impl Source {
    /// Connects to nothing yet.
    pub(super) fn new(catalog: &str, site: Site, limits: Limits, time_to_live: Duration) -> Source {
        let place = Place { catalog: catalog.to_owned(), address: site.address() };
        Source {
            pool: Pool::new(Dialer::new(site.clone(), place.clone()), place.clone(), limits),
            site,
            place,
            limits,
            kills: Semaphore::new(KILLS_AT_ONCE),
            listing: Cache::new(time_to_live, 1),
            tables: Cache::new(time_to_live, TABLES_REMEMBERED),
        }
    }

    /// Runs a statement; its rows are read as they are asked for.
    pub(super) async fn run(self: &Arc<Self>, sql: &str) -> Result<Running> {
        loop {
            let lease = self.pool.acquire().await?;
            let origin = lease.origin();
            match Running::start(self.clone(), lease, sql).await {
                // The server closed it while it was idle; the statement only reads and may be sent again.
                Err(e) if e.kind() == ErrorKind::ConnectionFailed && origin == Origin::Reused => {
                    tracing::debug!(source = %self.place.catalog, error = %e, "an idle connection was closed");
                }
                outcome => return outcome,
            }
        }
    }

    /// The schemas as they are now.
    pub(super) async fn schemas(self: &Arc<Self>) -> Result<Vec<String>> {
        self.patiently(catalog::schemas(self)).await
    }

    /// Every table, from memory if it is fresh.
    pub(super) async fn listing(self: &Arc<Self>) -> Result<Arc<Vec<Table>>> {
        self.listing
            .get(&(), || self.patiently(async { catalog::tables(self, Scope::Everything).await.map(Arc::new) }))
            .await
    }

    /// One table, from memory if it is fresh.
    pub(super) async fn table(self: &Arc<Self>, schema: &str, name: &str) -> Result<Option<Arc<Table>>> {
        let key = (schema.to_owned(), name.to_owned());
        let ask = || async {
            let found = catalog::tables(self, Scope::Table(schema, name)).await?.pop();
            // An error is not remembered: the table may be created the next moment.
            found.map(Arc::new).ok_or_else(|| Error::new(ErrorKind::UndefinedTable, "there is no such table"))
        };
        match self.tables.get(&key, || self.patiently(ask())).await {
            Err(error) if error.kind() == ErrorKind::UndefinedTable => Ok(None),
            outcome => outcome.map(Some),
        }
    }

    /// Asks anew the next time.
    pub(super) fn forget(&self) {
        self.listing.clear();
        self.tables.clear();
    }

    /// The answer of the source's catalog, or an error in time.
    pub(super) async fn patiently<T>(&self, answer: impl Future<Output = Result<T>>) -> Result<T> {
        timeout(CATALOG_PATIENCE, answer).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::ConnectionFailed, format!("{} does not answer", self.place.subject()))
                .with_detail(format!(
                    "{}: its catalog took longer than {}.",
                    self.place.address,
                    Span(CATALOG_PATIENCE)
                )))
        })
    }
}
