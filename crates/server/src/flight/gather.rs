//! A socket that writes in large pieces. HTTP/2 flushes after every frame, of 16 KiB with most clients, so that a large result would take as many calls of the
//! kernel; here a flush waits until the connection's task has nothing more to write at once. It must not know HTTP/2, nor what is written.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that are written at once.
const PIECE: usize = 256 << 10;

/// The socket, and what has not been written to it yet.
pub(super) struct Gather<S> {
    socket: S,
    /// Empty, and without memory, while nothing is on its way.
    bytes: Vec<u8>,
    /// How much of it the socket has taken.
    taken: usize,
    flush: Flush,
}

/// What has been heard since the last bytes came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flush {
    /// They may be followed by more.
    NotAsked,
    /// The task runs once more before it is done.
    Deferred,
}

impl<S> Gather<S> {
    pub(super) fn new(socket: S) -> Gather<S> {
        Gather { socket, bytes: Vec::new(), taken: 0, flush: Flush::NotAsked }
    }
}

impl<S: AsyncWrite + Unpin> Gather<S> {
    /// Writes all that there is.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        while self.taken < self.bytes.len() {
            let rest = self.bytes.get(self.taken..).unwrap_or_default();
            let written = ready!(Pin::new(&mut self.socket).poll_write(cx, rest))?;
            if written == 0 {
                return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into()));
            }
            self.taken += written;
        }
        self.bytes.clear();
        self.taken = 0;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gather<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gather<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        // Once something has been written of a piece the rest of it goes first.
        if self.taken > 0 || self.bytes.len() + bytes.len() > PIECE {
            ready!(self.poll_drain(cx))?;
        }
        if bytes.len() >= PIECE {
            return Pin::new(&mut self.socket).poll_write(cx, bytes);
        }
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(if bytes.len() < PIECE / 64 { bytes.len() } else { PIECE });
        }
        self.bytes.extend_from_slice(bytes);
        self.flush = Flush::NotAsked;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if self.bytes.is_empty() {
            return Pin::new(&mut self.socket).poll_flush(cx);
        }
        if self.flush == Flush::NotAsked {
            self.flush = Flush::Deferred;
            cx.waker().wake_by_ref();
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_drain(cx))?;
        self.bytes = Vec::new();
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn everything_arrives_in_order() {
        let (near, mut far) = tokio::io::duplex(10_000);
        let mut near = Gather::new(near);
        let sent: Vec<u8> = (0..3 * PIECE + 17).map(|i| (i % 251) as u8).collect();
        let mut received = Vec::new();
        let write = async {
            let mut rest = &sent[..];
            for length in [1, 16_384, PIECE + 5, 300, PIECE].into_iter().cycle() {
                let (now, later) = rest.split_at(length.min(rest.len()));
                near.write_all(now).await.expect("written");
                near.flush().await.expect("deferred");
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            near.shutdown().await.expect("closed");
        };
        tokio::join!(write, async { far.read_to_end(&mut received).await.expect("read") });
        assert!(sent == received, "{} bytes of {}", received.len(), sent.len());
    }

    /// Catches: bytes that wait for more that never come.
    #[tokio::test]
    async fn a_second_flush_is_one() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = Gather::new(near);
        near.write_all(b"hello").await.expect("written");
        near.flush().await.expect("deferred");
        near.flush().await.expect("flushed");
        let mut told = [0; 5];
        far.read_exact(&mut told).await.expect("there");
        assert_eq!((&told, near.bytes.capacity()), (b"hello", 0));
    }
}
