//! An address of the machine that a listener takes before anybody can connect to it, and how a listener ends. It must not know a protocol.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weft_core::{Error, ErrorKind, Result};

/// Clients that wait in the kernel's queue.
const BACKLOG: u32 = 1024;

/// How long to wait when the system has no socket for us, before trying again.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// All clients have gone.
    Empty,
    /// Some were still there at the end.
    TimedOut,
}

impl Drained {
    /// How two of them ended.
    pub(crate) fn and(self, other: Drained) -> Drained {
        match (self, other) {
            (Drained::Empty, Drained::Empty) => Drained::Empty,
            _ => Drained::TimedOut,
        }
    }
}

/// An address that is ours. Nobody can connect to it yet.
pub struct Port {
    socket: TcpSocket,
    address: SocketAddr,
    setting: &'static str,
}

impl Port {
    /// Takes the address that this setting chooses.
    pub fn take(setting: &'static str, address: SocketAddr) -> Result<Port> {
        let taken = || {
            let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            // As of a listener: connections of a gateway that has just ended do not keep the address.
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            Ok(socket)
        };
        let socket = taken().map_err(|e| cannot_listen(setting, address, &e))?;
        Ok(Port { socket, address, setting })
    }

    /// Lets clients connect.
    pub(crate) fn listen(self) -> Result<TcpListener> {
        let Port { socket, address, setting } = self;
        socket.listen(BACKLOG).map_err(|e| cannot_listen(setting, address, &e))
    }
}

fn cannot_listen(setting: &str, address: SocketAddr, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::IoError, format!("cannot listen on {address}: {error}"))
        .with_hint(format!("Is another gateway running? The setting {setting} chooses another address."))
}

/// Hands each client on with one of the doors, until this wait is given up. While all doors are taken, clients wait in the kernel's queue.
pub(crate) async fn accept(
    tcp: &TcpListener,
    doors: &Arc<Semaphore>,
    welcome: impl Fn(TcpStream, SocketAddr, OwnedSemaphorePermit),
) {
    loop {
        let Ok(door) = Arc::clone(doors).acquire_owned().await else { return };
        match tcp.accept().await {
            Ok((socket, client)) => welcome(socket, client, door),
            Err(error) => {
                // Out of file descriptors, most likely: clients that leave give some back.
                tracing::warn!(%error, "cannot accept a client");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
