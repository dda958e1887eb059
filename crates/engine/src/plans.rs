//! Statements that were bound lately, for all sessions: the same text in the same surroundings is not bound again while the tables that it names are
//! what they were. It must not know protocols.

use crate::handle;
use crate::outcome::Prepared;
use crate::session::Session;
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
}

impl Surroundings {
    /// Of this statement in this session, now.
    pub fn of(session: &Session, statement: &Statement, parameter_oids: &[u32]) -> Surroundings {
        Surroundings {
            text: statement.text.clone(),
            offset: statement.offset,
            parameter_oids: parameter_oids.to_vec(),
            user: session.user(),
            catalog: session.catalog().to_owned(),
            schemas: session.variables().lock().search_path(),
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
        let Some(kept) = &self.kept else { return Ok(None) };
        let Some(prepared) = kept.lock().get(surroundings).cloned() else { return Ok(None) };
        if handle::is_current(session, &prepared).await? {
            return Ok(Some(prepared));
        }
        kept.lock().pop(surroundings);
        Ok(None)
    }

    /// Keeps a statement, if it can be run again.
    pub fn keep(&self, surroundings: Surroundings, prepared: &Arc<Prepared>) {
        let fits = surroundings.text.len() <= MAX_TEXT && handle::stands_firm(prepared);
        if let (true, Some(kept)) = (fits, &self.kept) {
            kept.lock().put(surroundings, prepared.clone());
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
