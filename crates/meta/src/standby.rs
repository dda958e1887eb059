//! What happens while the server of the metastore is away: reads are answered by the local copy, writes are refused, and the server is asked again every
//! few seconds. When it is back, the copy catches up first. It must not know what is read or written.

use crate::db::Pool;
use crate::error::{Failure, Place, is_away};
use crate::replica;
use crate::versions::{self, Watch};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use weft_core::{Error, ErrorKind, Result};

/// How often a server that is away is asked again.
const AGAIN: Duration = Duration::from_secs(2);

/// How long a change may be missing from the copy if nothing announces it.
const GLANCE: Duration = Duration::from_secs(5);

/// How the metadata store does.
#[derive(Debug, Clone)]
pub enum StoreHealth {
    /// It answers.
    Healthy,
    /// It is away: reads are answered by the copy.
    Degraded {
        /// Why, as the user is to read it.
        error: Error,
        /// Since when.
        since: DateTime<Utc>,
    },
}

/// A local copy beside a server.
pub(crate) struct Standby {
    server: Pool,
    copy: Pool,
    place: Place,
    away: Mutex<Option<(Error, DateTime<Utc>)>>,
    /// Whether the server's tables are known to be laid out as this program wants them.
    migrated: tokio::sync::Mutex<bool>,
}

impl Standby {
    /// Asks the server; if it is away, the copy answers from the beginning, unless there is nothing in it.
    pub(crate) async fn open(server: Pool, copy: Pool, place: Place) -> Result<Arc<Standby>> {
        let standby = Standby { server, copy, place, away: Mutex::default(), migrated: tokio::sync::Mutex::new(false) };
        if let Err(error) = standby.bring_up().await {
            if error.kind() != ErrorKind::CannotConnectNow || standby.is_empty().await? {
                return Err(error);
            }
            standby.trip(error);
        }
        Ok(Arc::new(standby))
    }

    /// Follows the server in the background, until nobody needs it any more.
    pub(crate) fn start(self: &Arc<Self>) {
        let (standby, mut watch) = (Arc::downgrade(self), Watch::new(self.server.clone()));
        tokio::spawn(async move {
            loop {
                let Some(standby) = standby.upgrade() else { return };
                if let Err(error) = standby.bring_up().await {
                    standby.trip(error);
                }
                let is_away = standby.is_away();
                drop(standby);
                if is_away { tokio::time::sleep(AGAIN).await } else { watch.wait(GLANCE).await }
            }
        });
    }

    /// Asks the server, has its tables laid out, and the copy catch up.
    async fn bring_up(&self) -> Result<()> {
        let told = |e: sqlx::Error| Failure::from(e).told(&self.place);
        if self.is_away() || !*self.migrated.lock().await {
            self.server.answers().await.map_err(told)?;
        }
        let mut migrated = self.migrated.lock().await;
        if !*migrated {
            self.server.migrate(&self.place).await?;
            versions::note_layout(&self.server, self.server.layout()).await.map_err(|e| e.told(&self.place))?;
            *migrated = true;
        }
        drop(migrated);
        let following = tokio::time::timeout(Duration::from_secs(300), replica::follow(&self.server, &self.copy));
        match following.await {
            Ok(Ok(_)) => {}
            // It may only have had no connection to spare.
            Ok(Err(Failure::Database(error))) if is_away(&error) => self.server.answers().await.map_err(told)?,
            Ok(Err(failure)) => {
                let error = failure.told(&self.place);
                tracing::error!(%error, "the copy of the metadata store does not follow");
            }
            Err(_) => return Err(told(crate::error::away())),
        }
        if self.away.lock().take().is_some() {
            tracing::info!("the metadata store is back");
        }
        Ok(())
    }

    async fn is_empty(&self) -> Result<bool> {
        let counted = self.copy.query("SELECT count(*) AS roles FROM roles").fetch_one().await;
        let count = counted.and_then(|row| row.try_get::<i64>("roles"));
        Ok(count.map_err(|e| Failure::from(e).told(&self.place))? == 0)
    }

    /// Where reads go now.
    pub(crate) fn reading(&self) -> &Pool {
        if self.is_away() { &self.copy } else { &self.server }
    }

    /// The copy, if the failure means that the server is away.
    pub(crate) async fn instead(&self, failure: &Failure) -> Option<&Pool> {
        let Failure::Database(error) = failure else { return None };
        if !is_away(error) {
            return None;
        }
        // It may only have had no connection to spare.
        let error = self.server.answers().await.err()?;
        self.trip(Failure::from(error).told(&self.place));
        Some(&self.copy)
    }

    /// An error while nothing can be written.
    pub(crate) fn refuse(&self) -> Result<()> {
        match &*self.away.lock() {
            None => Ok(()),
            Some((error, since)) => Err(Error::new(
                ErrorKind::ReadOnlyTransaction,
                "nothing can be changed while the metadata store is away",
            )
            .with_detail(format!("{} since {}.", error.message(), since.format("%Y-%m-%d %H:%M:%S UTC")))
            .with_hint("Queries go on. Repeat the statement when system.runtime.health calls (metastore) healthy.")),
        }
    }

    fn trip(&self, error: Error) {
        let mut away = self.away.lock();
        if away.is_none() {
            tracing::warn!(%error, "the metadata store is away: its copy answers, changes are refused");
            *away = Some((error, Utc::now()));
        }
    }

    pub(crate) fn is_away(&self) -> bool {
        self.away.lock().is_some()
    }

    pub(crate) fn copy(&self) -> &Pool {
        &self.copy
    }

    pub(crate) fn health(&self) -> StoreHealth {
        match &*self.away.lock() {
            None => StoreHealth::Healthy,
            Some((error, since)) => StoreHealth::Degraded { error: error.clone(), since: *since },
        }
    }
}
