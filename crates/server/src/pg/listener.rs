//! Accepts clients and starts a task for each; drains them when the gateway stops. A client that misbehaves, or a defect in serving it, ends its own
//! task alone.

use super::connection::Connection;
use super::error::{Stop, put_stop};
use super::handshake::{self, Opening};
use super::login;
use super::wire::{Limits, Wire};
use crate::access::port::{self, ACCEPT_PAUSE};
use crate::access::tls::Tls;
use crate::access::{Access, Drained, Guest, Port};
use futures::FutureExt;
use std::any::Any;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use weft_core::{Error, Result};

/// Clients that may be logging in, or asking to cancel, beyond `max_connections`. More wait in the kernel's queue.
const PENDING_LOGINS: usize = 1024;

/// How long a client that is refused or dropped may take to receive the reason.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the connections of a listener have in common.
pub(crate) struct Shared {
    pub access: Arc<Access>,
    pub tls: Option<Tls>,
    pub limits: Limits,
    pub draining: CancellationToken,
}

/// The PostgreSQL port.
pub struct Listener {
    tcp: TcpListener,
    shared: Arc<Shared>,
    /// One for each connection, from its first byte to its last.
    doors: Arc<Semaphore>,
    door_count: u32,
}

impl Listener {
    /// Lets clients connect.
    pub fn open(port: Port, access: Arc<Access>, tls: Option<Tls>) -> Result<Listener> {
        let settings = access.gateway().settings();
        let limits = Limits {
            message: usize::try_from(settings.max_message_bytes.0).unwrap_or(usize::MAX),
            result: usize::try_from(settings.max_result_buffer.0).unwrap_or(usize::MAX),
            stall: settings.client_write_timeout.0,
        };
        let doors = access.max_clients() + PENDING_LOGINS;
        let shared = Shared { tls, limits, draining: CancellationToken::new(), access };
        Ok(Listener {
            tcp: port.listen()?,
            shared: Arc::new(shared),
            doors: Arc::new(Semaphore::new(doors)),
            door_count: doors as u32,
        })
    }

    /// The address in fact taken.
    pub fn address(&self) -> Result<SocketAddr> {
        self.tcp.local_addr().map_err(|e| Error::internal("the listener has no address").with_source(e))
    }

    /// Accepts clients until this wait is given up.
    pub async fn serve(&self) {
        port::accept(&self.tcp, &self.doors, |tcp, client, door| {
            tokio::spawn(connection(Arc::clone(&self.shared), tcp, client, door));
        })
        .await;
    }

    /// Closes idle sessions, and each other one after its statement, for so long.
    pub async fn drain(&self, patience: Duration) -> Drained {
        self.shared.draining.cancel();
        // Every door can be had when nobody stands in one.
        let empty = tokio::time::timeout(patience, self.doors.acquire_many(self.door_count));
        tokio::select! {
            emptied = empty => if emptied.is_ok() { Drained::Empty } else { Drained::TimedOut },
            () = self.turn_away() => Drained::TimedOut,
        }
    }

    /// Hangs up on everybody who still comes, so that they need not wait for the end.
    async fn turn_away(&self) {
        loop {
            if self.tcp.accept().await.is_err() {
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// One client, from its first byte to its last.
async fn connection(shared: Arc<Shared>, tcp: TcpStream, client: SocketAddr, _door: OwnedSemaphorePermit) {
    // Replies are written whole: waiting for more would only delay them.
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%client, %error, "no TCP_NODELAY");
    }
    let patience = shared.access.gateway().settings().authentication_timeout.0;
    let welcome = tokio::select! {
        welcome = tokio::time::timeout(patience, welcome(&shared, tcp, client)) => welcome,
        () = shared.draining.cancelled() => return,
    };
    let Ok(entered) = welcome else {
        tracing::info!(%client, "dropped: not logged in within authentication_timeout");
        return;
    };
    let Some((wire, guest)) = entered else { return };
    let Guest { session, place } = guest;
    tracing::debug!(%client, pid = session.pid(), "logged in");
    let mut connection = Connection::new(wire, session, &shared);
    // A defect in serving a statement must not look like a broken network.
    let end = AssertUnwindSafe(connection.run())
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(Stop::Fatal(defect(&*panic))));
    if let Err(stop) = &end {
        tracing::debug!(%client, %stop, "connection ends");
        put_stop(connection.outbox(), stop);
    }
    // The session ends before the farewell: what it held is free for others.
    let wire = connection.into_wire();
    drop(place);
    match end {
        Err(Stop::Gone(_)) => {}
        _ => wire.close(FAREWELL).await,
    }
}

/// What a panic left, for the log.
fn defect(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::internal(format!("panic: {}", text.unwrap_or("of unknown kind")))
}

/// Handshake and login; `None` when the connection ended with that.
async fn welcome(shared: &Shared, tcp: TcpStream, client: SocketAddr) -> Option<(Wire, Guest)> {
    match handshake::open(tcp, shared.tls.as_ref()).await {
        Ok(Opening::Start(socket, version, body)) => match login::login(shared, socket, version, body, client).await {
            Ok(entered) => Some(entered),
            Err((wire, stop)) => {
                tracing::info!(%client, %stop, "login refused");
                shared.access.gateway().counts().refused();
                wire.close(FAREWELL).await;
                None
            }
        },
        Ok(Opening::Cancel(pid, secret)) => {
            // Never answered: a stranger must not learn which sessions there are.
            shared.access.gateway().cancel(pid, &secret);
            None
        }
        Err((socket, stop)) => {
            tracing::debug!(%client, %stop, "no start-up message");
            if let Some(socket) = socket {
                let mut wire = Wire::new(socket, shared.limits);
                put_stop(&mut wire.outbox, &stop);
                wire.close(FAREWELL).await;
            }
            None
        }
    }
}
