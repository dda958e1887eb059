//! A client's socket, plain or under TLS. Knows no message.

use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use weft_core::settings::Tls;

/// The first byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// Bytes from and to one client.
pub(crate) enum Socket {
    /// As they are.
    Plain(TcpStream),
    /// Encrypted.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Socket {
    /// The connection below.
    fn tcp(&self) -> &TcpStream {
        match self {
            Socket::Plain(tcp) => tcp,
            Socket::Tls(tls) => tls.get_ref().0,
        }
    }

    /// Whether the kernel knows already that the client has gone, although there may be bytes to read before one would see it.
    pub(crate) fn is_closed(&self) -> bool {
        use futures::FutureExt;
        match self.tcp().ready(Interest::READABLE | Interest::ERROR).now_or_never() {
            Some(Ok(ready)) => ready.is_read_closed() || ready.is_error(),
            Some(Err(_)) => true,
            None => false,
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            Socket::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Socket::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Socket::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Socket::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Socket::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(cx),
        }
    }
}

/// The socket under TLS if the client begins with it; plain ones are for those whom the setting allows. What is told of a client that is refused is for the log.
pub(crate) async fn opened(tcp: TcpStream, tls: Option<&TlsAcceptor>, mode: Tls) -> Result<Socket, String> {
    let mut first = [0u8];
    let begins_with_tls = matches!(tcp.peek(&mut first).await, Ok(1)) && first[0] == TLS_HANDSHAKE;
    match (tls, begins_with_tls) {
        (Some(tls), true) => {
            let stream = tls.accept(tcp).await.map_err(|e| format!("TLS handshake failed: {e}"))?;
            Ok(Socket::Tls(Box::new(stream)))
        }
        (None, true) => Err("it speaks TLS, which is off".to_owned()),
        (_, false) if mode == Tls::Required => Err("connection without TLS".to_owned()),
        (_, false) => Ok(Socket::Plain(tcp)),
    }
}
