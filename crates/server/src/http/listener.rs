//! Accepts clients of HTTP, under TLS or not, a bounded number of them, and lets requests end when the gateway stops. It must not know what they ask.

use super::answer::Desk;
use crate::access::tls::Tls;
use crate::access::{Access, Drained, Port, port, socket};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use weft_core::settings::Tls as Mode;
use weft_core::{Error, Result};

/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS: u32 = 128;

/// How long a client may take to ask, and be silent between two questions.
const SILENCE: Duration = Duration::from_secs(30);

/// How long a connection may last: who looks for longer opens another one.
const LONGEST: Duration = Duration::from_secs(600);

/// Bytes of a request's headers.
const MAX_HEADERS: usize = 32 << 10;

/// The HTTP port.
pub struct Listener {
    tcp: TcpListener,
    shared: Arc<Shared>,
    doors: Arc<Semaphore>,
}

struct Shared {
    tls: Option<Tls>,
    mode: Mode,
    desk: Desk,
    draining: CancellationToken,
}

impl Listener {
    /// Lets clients connect.
    pub fn open(port: Port, access: Arc<Access>, tls: Option<Tls>) -> Result<Listener> {
        let mode = access.gateway().settings().tls;
        let draining = CancellationToken::new();
        let shared = Arc::new(Shared { tls, mode, desk: Desk::new(access, draining.clone()), draining });
        Ok(Listener { tcp: port.listen()?, shared, doors: Arc::new(Semaphore::new(CONNECTIONS as usize)) })
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

    /// Takes no more clients, and lets requests end, for so long.
    pub async fn drain(&self, patience: Duration) -> Drained {
        self.shared.draining.cancel();
        // Every door can be had when nobody stands in one.
        match tokio::time::timeout(patience, self.doors.acquire_many(CONNECTIONS)).await {
            Ok(_) => Drained::Empty,
            Err(_) => Drained::TimedOut,
        }
    }
}

/// One client, from its first byte to its last.
async fn connection(shared: Arc<Shared>, tcp: TcpStream, client: SocketAddr, _door: OwnedSemaphorePermit) {
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%client, %error, "no TCP_NODELAY");
    }
    let tls = shared.tls.as_ref().map(|tls| &tls.http);
    let opened = tokio::select! {
        opened = tokio::time::timeout(SILENCE, socket::opened(tcp, tls, shared.mode)) => opened,
        () = shared.draining.cancelled() => return,
    };
    let socket = match opened {
        Ok(Ok(socket)) => socket,
        Ok(Err(reason)) => return tracing::info!(%client, reason, "a client of HTTP is refused"),
        Err(_) => return tracing::debug!(%client, "dropped: nothing came"),
    };
    let desk = &shared.desk;
    let service = service_fn(|request| async move { Ok::<_, Infallible>(desk.answer(&request, client).await) });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SILENCE)
        .max_buf_size(MAX_HEADERS)
        .serve_connection(TokioIo::new(socket), service);
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = tokio::time::sleep(LONGEST) => return,
        () = shared.draining.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%client, %error, "a connection of HTTP ended");
    }
}
