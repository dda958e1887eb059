//! The tokens of clients that are in: random, one for each session, forgotten when nobody has used them for long. It must not know how a client has proven
//! who it is.

use super::visitor::Visitor;
use crate::access::Access;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use weft_core::{Error, ErrorKind, Result};

/// Random bytes of a token.
const BYTES: usize = 32;

/// How often those that nobody uses are looked for, at least and at most.
const LOOK: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(15));

/// All that are valid: each has a place among `max_connections`, so there are no more than that.
pub(crate) struct Tokens {
    access: Arc<Access>,
    /// By their digests: who can time a search learns nothing of a token.
    visitors: Mutex<HashMap<[u8; 32], Arc<Visitor>>>,
    idle: Duration,
}

impl Tokens {
    /// None yet. Those that nobody uses are forgotten until `stop`.
    pub(crate) fn open(access: Arc<Access>, stop: CancellationToken) -> Arc<Tokens> {
        let settings = access.gateway().settings();
        let idle = match settings.idle_session_timeout.0 {
            Duration::ZERO => settings.flight_session_timeout.0,
            limit => limit.min(settings.flight_session_timeout.0),
        };
        let tokens = Arc::new(Tokens { access, visitors: Mutex::default(), idle });
        tokio::spawn(forget(Arc::downgrade(&tokens), (idle / 4).clamp(LOOK.0, LOOK.1), stop));
        tokens
    }

    /// The door by which clients come in.
    pub(crate) fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// A token for a client that has come in.
    pub(crate) fn issue(&self, visitor: Arc<Visitor>) -> String {
        let mut bytes = [0; BYTES];
        rand::rng().fill_bytes(&mut bytes);
        let token = URL_SAFE_NO_PAD.encode(bytes);
        self.visitors.lock().insert(digest(&token), visitor);
        token
    }

    /// Whose token it is.
    pub(crate) fn find(&self, token: &str) -> Result<Arc<Visitor>> {
        self.visitors.lock().get(&digest(token)).cloned().ok_or_else(|| {
            Error::new(ErrorKind::InvalidAuthorization, "the token is not known")
                .with_detail("It was closed, or nobody has used it for flight_session_timeout.")
                .with_hint("Log in again.")
        })
    }

    /// Forgets the tokens of a session, and stops what it runs.
    pub(crate) fn close(&self, visitor: &Visitor) {
        self.visitors.lock().retain(|_, known| !std::ptr::eq(Arc::as_ptr(known), visitor));
        visitor.stop();
    }

    fn forget_idle(&self) {
        let mut gone = Vec::new();
        self.visitors.lock().retain(|_, visitor| {
            let is_gone = visitor.is_gone(self.idle);
            if is_gone {
                gone.push(visitor.clone());
            }
            !is_gone
        });
        // Sessions end outside of the lock.
        drop(gone);
    }
}

/// The digest under which a token, or what stands for one, is kept.
pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

async fn forget(tokens: Weak<Tokens>, every: Duration, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stop.cancelled() => return,
        }
        match tokens.upgrade() {
            Some(tokens) => tokens.forget_idle(),
            None => return,
        }
    }
}
