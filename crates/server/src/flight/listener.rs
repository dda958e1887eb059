//! Accepts clients of gRPC, under TLS or not, hands their sockets to tonic, and drains them when the gateway stops. It must not know what they ask.

use super::caller::Caller;
use super::line::Line;
use super::service::Service;
use super::tokens::Tokens;
use crate::access::tls::Tls;
use crate::access::{Access, Drained, Port, port, socket};
use arrow_flight::flight_service_server::FlightServiceServer;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use weft_core::settings::Tls as Mode;
use weft_core::{Error, Result};

/// Connections beyond `max_connections`: of clients that log in, or that share a session. More wait in the kernel's queue.
const PENDING_LOGINS: usize = 1024;

/// Sockets that are ready for tonic and that it has not taken yet.
const READY: usize = 16;

/// Requests of one connection at once; more wait at the client.
const MAX_REQUESTS: u32 = 128;

/// Bytes of the headers of one request.
const MAX_HEADERS: u32 = 64 << 10;

/// Bytes of parameters on their way on one connection.
const WINDOW: u32 = 4 << 20;

/// How often a client that is silent is asked whether it is there, and how long it may take to answer.
const PING_EVERY: Duration = Duration::from_secs(20);
/// See [`PING_EVERY`].
const PING_ANSWERED: Duration = Duration::from_secs(20);

/// The port of Flight SQL.
pub struct Listener {
    tcp: TcpListener,
    shared: Arc<Shared>,
    doors: Arc<Semaphore>,
    draining: CancellationToken,
    /// tonic's task, which ends when it has been told to and all connections have gone.
    server: Mutex<JoinHandle<()>>,
}

/// What the connections of a listener have in common.
struct Shared {
    tls: Option<Tls>,
    mode: Mode,
    patience: Duration,
    ready: mpsc::Sender<std::io::Result<Line>>,
}

impl Listener {
    /// Lets clients connect.
    pub fn open(port: Port, access: Arc<Access>, tls: Option<Tls>) -> Result<Listener> {
        let settings = access.gateway().settings();
        let (mode, patience) = (settings.tls, settings.authentication_timeout.0);
        let message = usize::try_from(settings.max_message_bytes.0).unwrap_or(usize::MAX);
        let doors = Arc::new(Semaphore::new(access.max_clients() + PENDING_LOGINS));
        let tcp = port.listen()?;
        let draining = CancellationToken::new();
        let tokens = Tokens::open(access, draining.clone());
        let service = FlightServiceServer::new(Service::new(tokens)).max_decoding_message_size(message);
        let (ready, sockets) = mpsc::channel(READY);
        let stop = draining.clone();
        let server = tokio::spawn(async move {
            let served = Server::builder()
                .max_concurrent_streams(MAX_REQUESTS)
                .http2_max_header_list_size(MAX_HEADERS)
                .initial_stream_window_size(WINDOW)
                .initial_connection_window_size(WINDOW)
                .http2_keepalive_interval(Some(PING_EVERY))
                .http2_keepalive_timeout(Some(PING_ANSWERED))
                .add_service(service)
                .serve_with_incoming_shutdown(ReceiverStream::new(sockets), async move { stop.cancelled().await })
                .await;
            if let Err(error) = served {
                tracing::error!(%error, "Flight SQL is not served any more");
            }
        });
        let shared = Arc::new(Shared { tls, mode, patience, ready });
        Ok(Listener { tcp, shared, doors, draining, server: Mutex::new(server) })
    }

    /// The address in fact taken.
    pub fn address(&self) -> Result<SocketAddr> {
        self.tcp.local_addr().map_err(|e| Error::internal("the listener has no address").with_source(e))
    }

    /// Accepts clients until this wait is given up.
    pub async fn serve(&self) {
        port::accept(&self.tcp, &self.doors, |tcp, client, door| {
            tokio::spawn(connect(Arc::clone(&self.shared), tcp, client, door));
        })
        .await;
    }

    /// Takes no more requests, and lets those that run end, for so long.
    pub async fn drain(&self, patience: Duration) -> Drained {
        self.draining.cancel();
        let mut server = self.server.lock().await;
        if server.is_finished() {
            return Drained::Empty;
        }
        match tokio::time::timeout(patience, &mut *server).await {
            Ok(_) => Drained::Empty,
            Err(_) => Drained::TimedOut,
        }
    }
}

/// Makes a socket ready: TLS if there is some, and a time by which the client must have proven who it is.
async fn connect(shared: Arc<Shared>, tcp: TcpStream, client: SocketAddr, door: OwnedSemaphorePermit) {
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%client, %error, "no TCP_NODELAY");
    }
    let socket = match tokio::time::timeout(
        shared.patience,
        socket::opened(tcp, shared.tls.as_ref().map(|tls| &tls.grpc), shared.mode),
    )
    .await
    {
        Ok(Ok(socket)) => socket,
        Ok(Err(reason)) => return tracing::info!(%client, reason, "a client of Flight SQL is refused"),
        Err(_) => return tracing::info!(%client, "dropped: nothing came within authentication_timeout"),
    };
    let (caller, hang_up) = (Caller::new(client), CancellationToken::new());
    let welcomed = caller.welcomed();
    let line = Line::new(socket, caller, hang_up.clone(), door);
    if shared.ready.send(Ok(line)).await.is_err() {
        // The gateway stops.
        return;
    }
    if tokio::time::timeout(shared.patience, welcomed.cancelled()).await.is_err() {
        tracing::info!(%client, "dropped: not logged in within authentication_timeout");
        hang_up.cancel();
    }
}
