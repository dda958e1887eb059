//! The last known content of a source. A statement waits for a new listing only so long; the listing goes on without it, and the next statement gets
//! what there is. It must not know why a source is slow.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use weft_connect::Connector;
use weft_core::relation::TableEntry;
use weft_core::{Error, ErrorKind, Result};

/// A listing that takes this many times as long as a statement waits for it is given up.
const LIMIT: u32 = 12;

/// What a source holds.
#[derive(Debug)]
pub struct Contents {
    /// Its schemas.
    pub schemas: Vec<String>,
    /// Its tables.
    pub tables: Vec<TableEntry>,
}

type Outcome = Option<Result<Arc<Contents>>>;

/// The content of one source.
#[derive(Debug, Default)]
pub struct Shelf {
    known: Mutex<Option<Arc<Contents>>>,
    running: Mutex<Option<Running>>,
}

/// A listing that is being made. There is one at a time.
#[derive(Debug, Clone)]
struct Running {
    outcome: watch::Receiver<Outcome>,
    /// Whether a statement has waited for it in vain: others need not.
    late: bool,
}

impl Shelf {
    /// What was listed last.
    pub fn known(&self) -> Option<Arc<Contents>> {
        self.known.lock().clone()
    }

    /// The content as the source tells it now; 08001 if it does not in time.
    pub async fn refresh(
        self: &Arc<Self>,
        catalog: &str,
        connector: &Arc<dyn Connector>,
        patience: Duration,
    ) -> Result<Arc<Contents>> {
        let Running { mut outcome, late } = self.run(connector, patience);
        let wait = if late { Duration::ZERO } else { patience };
        let waited = tokio::time::timeout(wait, outcome.wait_for(Option::is_some)).await;
        match waited.map(|ended| ended.map(|outcome| outcome.clone())) {
            Ok(Ok(Some(listed))) => listed,
            Ok(Ok(None) | Err(_)) => Err(Error::internal("a listing broke off")),
            Err(_) => {
                if let Some(running) = self.running.lock().as_mut().filter(|r| r.outcome.same_channel(&outcome)) {
                    running.late = true;
                }
                let message = format!("catalog \"{catalog}\" was not listed within {} ms", patience.as_millis());
                Err(Error::new(ErrorKind::ConnectionFailed, message)
                    .with_hint("The listing goes on: look again later."))
            }
        }
    }

    /// The listing that runs, or a new one.
    fn run(self: &Arc<Self>, connector: &Arc<dyn Connector>, patience: Duration) -> Running {
        let mut slot = self.running.lock();
        if let Some(running) = slot.as_ref().filter(|r| r.outcome.has_changed().is_ok() && r.outcome.borrow().is_none())
        {
            return running.clone();
        }
        let (tell, outcome) = watch::channel(None);
        let running = Running { outcome, late: false };
        *slot = Some(running.clone());
        let (shelf, connector) = (Arc::clone(self), Arc::clone(connector));
        tokio::spawn(async move {
            let listed = match tokio::time::timeout(patience * LIMIT, list(&*connector)).await {
                Ok(listed) => listed.map(Arc::new),
                Err(_) => Err(Error::new(ErrorKind::ConnectionFailed, "the source took too long to list")),
            };
            if let Ok(contents) = &listed {
                *shelf.known.lock() = Some(contents.clone());
            }
            tell.send_replace(Some(listed));
        });
        running
    }
}

async fn list(connector: &dyn Connector) -> Result<Contents> {
    Ok(Contents { schemas: connector.schemas().await?, tables: connector.tables().await? })
}
