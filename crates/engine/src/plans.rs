//! Statements that were bound lately, for all sessions: the same text in the same surroundings is not bound again while the tables that it names are
//! what they were. It must not know protocols.

use crate::handle;
use crate::outcome::Prepared;
use crate::plan::shape::Shape;
use crate::session::Session;
use chrono_tz::Tz;
use lru::LruCache;
use parking_lot::Mutex;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use weft_core::Result;
use weft_sql::Statement;

/// The statements, the least recently used of which makes room for a new one.
pub struct Plans {
    kept: Option<Mutex<LruCache<Surroundings, Arc<Prepared>>>>,
}

/// What a statement's meaning depends on besides the tables that it names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Surroundings {
    text: String,
    /// Of its text in the message: errors tell places in that.
    offset: usize,
    parameter_oids: Vec<u32>,
    user: String,
    catalog: String,
    schemas: Vec<String>,
    zone: Tz,
    /// Whether the transaction has changed datasets: then nothing is kept, nor taken.
    drafted: bool,
}

impl Surroundings {
    /// Of this statement in this session, now.
    pub fn of(session: &Session, statement: &Statement, parameter_oids: &[u32]) -> Surroundings {
        let (schemas, zone) = meaning(session);
        Surroundings {
            text: statement.text.clone(),
            offset: statement.offset,
            parameter_oids: parameter_oids.to_vec(),
            user: session.user(),
            catalog: session.catalog().to_owned(),
            schemas,
            zone,
            drafted: !session.drafts().is_empty(),
        }
    }
}

/// What variables say of the meaning of names and of times.
fn meaning(session: &Session) -> (Vec<String>, Tz) {
    let variables = session.variables().lock();
    (variables.search_path(), variables.zone())
}

impl Surroundings {
    /// Of a statement that has this shape.
    pub fn of_shape(session: &Session, shape: &Shape) -> Surroundings {
        let (schemas, zone) = meaning(session);
        Surroundings {
            text: shape.text.clone(),
            offset: 0,
            parameter_oids: shape.declared.iter().map(|t| t.map_or(0, |t| t.oid())).collect(),
            user: session.user().to_owned(),
            catalog: session.catalog().to_owned(),
            schemas,
            zone,
            drafted: !session.drafts().is_empty(),
        }
    }
}

/// The longest text that is kept, in bytes.
const MAX_TEXT: usize = 16 << 10;

impl Plans {
    /// Room for so many statements.
    pub fn new(most: usize) -> Plans {
        Plans { kept: NonZeroUsize::new(most).map(|most| Mutex::new(LruCache::new(most))) }
    }

    /// The bound statement, if it is kept and still means the same.
    pub async fn get(&self, session: &Session, surroundings: &Surroundings) -> Result<Option<Arc<Prepared>>> {
        let Some(kept) = self.kept.as_ref().filter(|_| !surroundings.drafted) else { return Ok(None) };
        let Some(prepared) = kept.lock().get(surroundings).cloned() else { return Ok(None) };
        if handle::is_current(session, &prepared).await? {
            return Ok(Some(prepared));
        }
        kept.lock().pop(surroundings);
        Ok(None)
    }

    /// Keeps a statement, if it can be run again.
    pub fn keep(&self, surroundings: Surroundings, prepared: &Arc<Prepared>) {
        let fits = !surroundings.drafted && surroundings.text.len() <= MAX_TEXT && handle::stands_firm(prepared);
        if let (true, Some(kept)) = (fits, &self.kept) {
            kept.lock().put(surroundings, prepared.clone());
        }
    }

    /// Whether any are kept.
    pub fn are_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// Forgets what reads the directory of this catalog, which has changed: it would keep what that was in memory.
    pub fn forget_catalog(&self, catalog: &str) {
        let Some(kept) = &self.kept else { return };
        let mut kept = kept.lock();
        let gone: Vec<_> =
            kept.iter().filter(|(_, p)| handle::reads_directory_of(p, catalog)).map(|(s, _)| s.clone()).collect();
        for surroundings in gone {
            kept.pop(&surroundings);
        }
    }

    /// Forgets all: what they hold of a source that is gone is closed.
    pub fn forget(&self) {
        if let Some(kept) = &self.kept {
            kept.lock().clear();
        }
    }
}

impl fmt::Debug for Plans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} plans", self.kept.as_ref().map_or(0, |kept| kept.lock().len()))
    }
}
