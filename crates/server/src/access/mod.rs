//! Who may come in, whatever protocol they speak: roles and their passwords, places among `max_connections`, TLS, sockets. It must not know a message of
//! any protocol.

pub(crate) mod basic;
mod password;
pub(crate) mod port;
pub(crate) mod scram;
pub(crate) mod socket;
pub mod tls;

pub use port::{Drained, Port};

use chrono::Utc;
use pgwire::api::auth::sasl::scram::ScramSecret;
use scram::Decoy;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weft_core::settings::Auth;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::{Gateway, Hello, Session};
use weft_meta::Role;

/// More clients than this no system has ports for.
const MAX_CLIENTS: usize = 1 << 20;

/// Passwords that are hashed at once: more wait, so that strangers cannot take all threads.
const HASHING: usize = 4;

/// The door of the gateway, which all listeners share.
pub struct Access {
    gateway: Arc<Gateway>,
    decoy: Decoy,
    /// `max_connections` of them.
    places: Arc<Semaphore>,
    max_clients: usize,
    hashing: Semaphore,
}

/// Somebody who says who they are.
pub(crate) struct Candidate {
    user: String,
    role: Option<Role>,
}

/// A client that is in: its session, and its place among `max_connections`.
pub(crate) struct Guest {
    /// What the engine knows of it.
    pub session: Arc<Session>,
    /// Given back when the client goes.
    pub place: OwnedSemaphorePermit,
}

impl Access {
    /// The door of this gateway.
    pub fn new(gateway: Arc<Gateway>) -> Arc<Access> {
        let max_clients = gateway.settings().max_connections.min(MAX_CLIENTS);
        let places = Arc::new(Semaphore::new(max_clients));
        Arc::new(Access { gateway, decoy: Decoy::new(), places, max_clients, hashing: Semaphore::new(HASHING) })
    }

    /// What is behind the door.
    pub(crate) fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// Clients at once.
    pub(crate) fn max_clients(&self) -> usize {
        self.max_clients
    }

    /// How clients prove who they are.
    pub(crate) fn auth(&self) -> Auth {
        self.gateway.settings().auth
    }

    /// Looks up who it is, without telling anybody whether there is such a role.
    pub(crate) async fn candidate(&self, user: &str) -> Result<Candidate> {
        Ok(Candidate { user: user.to_owned(), role: self.gateway.login(user).await? })
    }

    /// What proves the candidate's password. Of a role that is unknown, has no password, or has one that has expired, it is one that none opens: a
    /// client is not told which it was.
    pub(crate) fn secret(&self, candidate: &Candidate) -> ScramSecret {
        let in_time = |role: &&Role| role.valid_until.is_none_or(|until| Utc::now() < until);
        if let Some(late) = candidate.role.as_ref().filter(|role| !in_time(role)) {
            tracing::info!(role = late.name, "a login was refused: the password has expired");
        }
        let verifier = candidate.role.as_ref().filter(in_time).and_then(|role| role.verifier.as_deref());
        verifier.and_then(scram::parse).unwrap_or_else(|| self.decoy.secret(&candidate.user))
    }

    /// Gives somebody who has proven who they are a place and a session.
    pub(crate) async fn admit(&self, candidate: &Candidate, hello: Hello) -> Result<Guest> {
        match &candidate.role {
            Some(role) if role.login => {}
            Some(role) => {
                let message = format!("role \"{}\" is not permitted to log in", role.name);
                return Err(Error::new(ErrorKind::InvalidAuthorization, message));
            }
            None => {
                let message = format!("role \"{}\" does not exist", candidate.user);
                return Err(Error::new(ErrorKind::InvalidAuthorization, message));
            }
        }
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            Error::new(ErrorKind::TooManyConnections, "sorry, too many clients already")
                .with_hint("The setting max_connections limits them.")
        })?;
        let session = self.gateway.connect(Hello { user: candidate.user.clone(), ..hello }).await?;
        Ok(Guest { session, place })
    }
}
