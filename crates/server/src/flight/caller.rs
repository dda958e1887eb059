//! Who is at the other end of a connection, as every request that comes on it is told. It must not know what is asked.

use super::visitor::Visitor;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Sessions that one connection may open by sending a password with each request.
pub(crate) const MAX_SESSIONS: usize = 16;

/// One connection. It is gone when nobody holds this.
#[derive(Clone)]
pub(crate) struct Caller(Arc<Connection>);

/// As long as this can be upgraded, the connection is there.
#[derive(Clone, Default)]
pub(crate) struct CallerMark(Weak<Connection>);

struct Connection {
    address: SocketAddr,
    welcomed: CancellationToken,
    /// The sessions of clients that send a password with each request, by a digest of what they send.
    sessions: Mutex<Vec<([u8; 32], Weak<Visitor>)>>,
}

impl Caller {
    /// Nobody knows yet who it is.
    pub(crate) fn new(address: SocketAddr) -> Caller {
        Caller(Arc::new(Connection { address, welcomed: CancellationToken::new(), sessions: Mutex::default() }))
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// It has proven who it is.
    pub(crate) fn welcome(&self) {
        self.0.welcomed.cancel();
    }

    /// Fires when it has proven who it is.
    pub(crate) fn welcomed(&self) -> CancellationToken {
        self.0.welcomed.clone()
    }

    /// The sessions that it opened by passwords.
    pub(crate) fn sessions(&self) -> &Mutex<Vec<([u8; 32], Weak<Visitor>)>> {
        &self.0.sessions
    }

    /// What tells whether it is there.
    pub(crate) fn mark(&self) -> CallerMark {
        CallerMark(Arc::downgrade(&self.0))
    }
}

impl CallerMark {
    /// Whether the connection is there.
    pub(crate) fn is_there(&self) -> bool {
        self.0.strong_count() > 0
    }
}
