//! A client that is in: its session, and what it has asked for and not fetched yet. It must not know by which token it is found.

use super::caller::{Caller, CallerMark};
use super::handles::Handles;
use super::tickets::Tickets;
use crate::access::{Access, Guest};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;
use weft_core::Result;
use weft_engine::{Hello, Session};

/// How long a session outlives the connection on which it was used last: its client may come back.
const RECONNECT: Duration = Duration::from_secs(60);

/// One session of Flight SQL.
pub(crate) struct Visitor {
    access: Arc<Access>,
    user: String,
    session: Mutex<Arc<Session>>,
    /// What was set by SetSessionOptions, for a session in another catalog.
    options: Mutex<BTreeMap<String, String>>,
    tickets: Tickets,
    handles: Handles,
    presence: Mutex<Presence>,
    _place: OwnedSemaphorePermit,
}

/// When somebody was here last.
struct Presence {
    requests: usize,
    last: Instant,
    caller: CallerMark,
}

/// Keeps the visitor from being taken for idle.
pub(crate) struct Visit(Arc<Visitor>);

impl Visitor {
    /// A client that has just come in.
    pub(crate) fn new(access: Arc<Access>, user: String, guest: Guest) -> Arc<Visitor> {
        let Guest { session, place } = guest;
        let settings = access.gateway().settings();
        let bytes = usize::try_from(settings.max_message_bytes.0).unwrap_or(usize::MAX);
        let tickets = Tickets::new(settings.flight_ticket_timeout.0, bytes);
        Arc::new(Visitor {
            access,
            user,
            session: Mutex::new(session),
            options: Mutex::default(),
            tickets,
            handles: Handles::new(bytes),
            presence: Mutex::new(Presence { requests: 0, last: Instant::now(), caller: CallerMark::default() }),
            _place: place,
        })
    }

    /// A request of it has come by this connection.
    pub(crate) fn visit(self: &Arc<Self>, caller: &Caller) -> Visit {
        let mut presence = self.presence.lock();
        presence.caller = caller.mark();
        presence.requests += 1;
        Visit(self.clone())
    }

    /// Whether nobody has asked for anything for so long, or its client has gone.
    pub(crate) fn is_gone(&self, idle: Duration) -> bool {
        let presence = self.presence.lock();
        let limit = if presence.caller.is_there() { idle } else { idle.min(RECONNECT) };
        presence.requests == 0 && presence.last.elapsed() > limit
    }

    /// The session.
    pub(crate) fn session(&self) -> Arc<Session> {
        self.session.lock().clone()
    }

    /// The process behind it.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// Statements that are to be fetched, or run.
    pub(crate) fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    /// Prepared statements.
    pub(crate) fn handles(&self) -> &Handles {
        &self.handles
    }

    /// Remembers an option that was set.
    pub(crate) fn remember(&self, name: &str, value: &str) {
        self.options.lock().insert(name.to_owned(), value.to_owned());
    }

    /// Goes on in another catalog: a session is in one for all its life, so this is another one with the same options.
    pub(crate) async fn move_to(&self, catalog: &str) -> Result<()> {
        let old = self.session();
        let variables = self.options.lock().clone().into_iter().collect();
        let hello = Hello {
            user: self.user.clone(),
            database: Some(catalog.to_owned()),
            client_addr: old.client_addr(),
            variables,
            ..Hello::default()
        };
        let session = self.access.gateway().connect(hello).await?;
        *self.session.lock() = session;
        Ok(())
    }

    /// Stops what runs.
    pub(crate) fn stop(&self) {
        self.tickets.stop_all();
    }
}

impl Clone for Visit {
    fn clone(&self) -> Self {
        self.0.presence.lock().requests += 1;
        Visit(self.0.clone())
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut presence = self.0.presence.lock();
        presence.requests -= 1;
        presence.last = Instant::now();
    }
}

impl Deref for Visit {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.0
    }
}
