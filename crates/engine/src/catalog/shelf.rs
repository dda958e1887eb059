//! The last known content of a source. A statement waits for a new listing only so long; the listing goes on without it, and the next statement gets
//! what there is. A source that takes long to list is listed more seldom. It must not know why a source is slow.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use weft_connect::Connector;
use weft_core::relation::TableEntry;
use weft_core::{Error, ErrorKind, Result};

/// A listing that takes this many times as long as a statement waits for it is given up.
const LIMIT: u32 = 12;

/// How long a statement waits for a new listing where there is an old one.
const SHORT_PATIENCE: Duration = Duration::from_millis(500);

/// A listing is not made again before so many times the time has passed that it took.
const REST: u32 = 10;

/// What a source holds. The same content is the same `Arc` as long as nothing changes.
#[derive(Debug)]
pub struct Contents {
    /// Its schemas.
    pub schemas: Vec<String>,
    /// Its tables.
    pub tables: Arc<Vec<TableEntry>>,
}

impl PartialEq for Contents {
    fn eq(&self, other: &Self) -> bool {
        let same = || self.tables.iter().zip(other.tables.iter()).all(|(a, b)| is_same(a, b));
        self.schemas == other.schemas
            && (Arc::ptr_eq(&self.tables, &other.tables) || (self.tables.len() == other.tables.len() && same()))
    }
}

fn is_same(a: &TableEntry, b: &TableEntry) -> bool {
    let columns = match (&a.columns, &b.columns) {
        (Ok(a), Ok(b)) => Arc::ptr_eq(a, b) || a == b,
        (Err(a), Err(b)) => a.kind() == b.kind() && a.message() == b.message(),
        _ => false,
    };
    columns
        && (&a.schema, &a.table, a.kind, &a.comment, a.bytes, a.files, a.updated_at)
            == (&b.schema, &b.table, b.kind, &b.comment, b.bytes, b.files, b.updated_at)
}

/// A listing that was made.
#[derive(Debug, Clone)]
struct Known {
    contents: Arc<Contents>,
    ended: Instant,
    took: Duration,
}

type Outcome = Option<Result<Arc<Contents>>>;

/// The content of one source.
#[derive(Debug, Default)]
pub struct Shelf {
    known: Mutex<Option<Known>>,
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
        self.known.lock().as_ref().map(|known| known.contents.clone())
    }

    /// The content as the source tells it now, or told it a moment ago; 08001 if it does not in time.
    pub async fn refresh(
        self: &Arc<Self>,
        catalog: &str,
        connector: &Arc<dyn Connector>,
        patience: Duration,
    ) -> Result<Arc<Contents>> {
        let known = self.known.lock().clone();
        if let Some(known) = known.as_ref().filter(|k| k.ended.elapsed() < k.took * REST) {
            return Ok(known.contents.clone());
        }
        let Running { mut outcome, late } = self.run(connector, patience);
        let wait = match (late, &known) {
            (true, _) => Duration::ZERO,
            (false, Some(_)) => patience.min(SHORT_PATIENCE),
            (false, None) => patience,
        };
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
            let begun = Instant::now();
            let listed = match tokio::time::timeout(patience * LIMIT, list(&*connector)).await {
                Ok(listed) => listed.map(Arc::new),
                Err(_) => Err(Error::new(ErrorKind::ConnectionFailed, "the source took too long to list")),
            };
            let listed = listed.map(|contents| shelf.keep(contents, begun));
            tell.send_replace(Some(listed));
        });
        running
    }

    /// Remembers what was listed; if it is what was known, that stays.
    fn keep(&self, contents: Arc<Contents>, begun: Instant) -> Arc<Contents> {
        let mut known = self.known.lock();
        let contents = match known.as_ref().filter(|known| known.contents == contents) {
            Some(known) => known.contents.clone(),
            None => contents,
        };
        *known = Some(Known { contents: contents.clone(), ended: Instant::now(), took: begun.elapsed() });
        contents
    }
}

async fn list(connector: &dyn Connector) -> Result<Contents> {
    Ok(Contents { schemas: connector.schemas().await?, tables: connector.tables().await? })
}
