//! A client's socket as the gRPC server takes it: it can be hung up, and gives its door back when it closes. Knows no message.

use super::caller::Caller;
use crate::access::socket::Socket;
use std::io::ErrorKind;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::Connected;

/// One connection.
pub(crate) struct Line {
    socket: Socket,
    caller: Caller,
    hung_up: Pin<Box<WaitForCancellationFutureOwned>>,
    _door: OwnedSemaphorePermit,
}

impl Line {
    /// The connection of this caller, until it is hung up.
    pub(crate) fn new(socket: Socket, caller: Caller, hang_up: CancellationToken, door: OwnedSemaphorePermit) -> Line {
        Line { socket, caller, hung_up: Box::pin(hang_up.cancelled_owned()), _door: door }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Whoever waits for it to prove who it is need not wait any longer.
        self.caller.welcome();
    }
}

impl Connected for Line {
    type ConnectInfo = Caller;

    fn connect_info(&self) -> Caller {
        self.caller.clone()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.hung_up.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
