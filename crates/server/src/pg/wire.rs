//! A client's connection as two bounded buffers: what it has sent and what it has not taken yet. Reading goes on while a statement computes or while
//! the client is slow to take rows, so that its death is noticed at once. Knows frames, not what they mean.

use super::error::Stop;
use super::frame::Frame;
use crate::access::socket::Socket;
use bytes::{Buf, BytesMut};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Interval, MissedTickBehavior};

/// How much is asked of the socket at once.
const READ_BYTES: usize = 16 * 1024;

/// A buffer that grew beyond this for one long message is given back afterwards.
const KEPT_BYTES: usize = 256 * 1024;

/// How often a client is looked at that has sent more than may be read ahead.
const PROBE: Duration = Duration::from_millis(250);

/// The bounds of one connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The longest message of the client, in bytes, and what is read ahead of the message in work.
    pub message: usize,
    /// What is encoded before the client must take it, in bytes.
    pub result: usize,
    /// How long the client may take no bytes at all.
    pub stall: Duration,
}

/// One client's buffers and socket.
pub(crate) struct Wire {
    socket: Socket,
    inbox: BytesMut,
    /// What is to be sent. Rooms append whole messages.
    pub(crate) outbox: BytesMut,
    limits: Limits,
    probe: Interval,
}

impl Wire {
    /// Takes the socket over after the start-up message, of which nothing is left unread.
    pub(crate) fn new(socket: Socket, limits: Limits) -> Self {
        let mut probe = tokio::time::interval(PROBE);
        probe.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Wire { socket, inbox: BytesMut::new(), outbox: BytesMut::new(), limits, probe }
    }

    /// Changes the bounds: a client that is in may send more.
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The next message of the client. Nothing is lost if this wait is given up.
    pub(crate) async fn frame(&mut self) -> Result<Frame, Stop> {
        loop {
            if let Some(frame) = Frame::take(&mut self.inbox, self.limits.message)? {
                return Ok(frame);
            }
            if self.inbox.is_empty() && self.inbox.capacity() > KEPT_BYTES {
                self.inbox = BytesMut::new();
            }
            self.inbox.reserve(READ_BYTES);
            match self.socket.read_buf(&mut self.inbox).await {
                Ok(0) => return Err(Stop::Gone("it closed the connection".into())),
                Ok(_) => {}
                Err(error) => return Err(Stop::Gone(error.to_string())),
            }
        }
    }

    /// Waits for the work unless the client goes away first, in which case the work is dropped.
    pub(crate) async fn attend<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        let mut work = pin!(work);
        poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Ok(done)),
            Poll::Pending => self.poll_gone(cx).map(Err),
        })
        .await
    }

    /// As [`Wire::attend`], and sends meanwhile what the outbox holds: rows should not wait for those that are still to be found.
    pub(crate) async fn attend_sending<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            if let Poll::Ready(Err(stop)) = self.poll_send(cx) {
                return Poll::Ready(Err(stop));
            }
            self.poll_gone(cx).map(Err)
        })
        .await
    }

    /// Whether so much waits that the client should take some before more is encoded.
    pub(crate) fn is_full(&self) -> bool {
        self.outbox.len() >= self.limits.result
    }

    /// Sends all that the outbox holds. A client that takes nothing for too long is given up. Nothing is lost if this wait is given up.
    pub(crate) async fn flush(&mut self) -> Result<(), Stop> {
        while !self.outbox.is_empty() {
            let stalled = tokio::time::sleep(self.limits.stall);
            tokio::select! {
                biased;
                progress = poll_fn(|cx| self.poll_progress(cx)) => progress?,
                () = stalled => return Err(Stop::Gone("it took no bytes for client_write_timeout".into())),
            }
        }
        match tokio::time::timeout(self.limits.stall, self.socket.flush()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(Stop::Gone(error.to_string())),
            Err(_) => return Err(Stop::Gone("it took no bytes for client_write_timeout".into())),
        }
        if self.outbox.capacity() > KEPT_BYTES.max(2 * self.limits.result) {
            self.outbox = BytesMut::new();
        }
        Ok(())
    }

    /// Sends what is left, within a short time, and closes.
    pub(crate) async fn close(mut self, patience: Duration) {
        let farewell = async {
            if self.flush().await.is_ok() {
                let _ = self.socket.shutdown().await;
            }
        };
        // A client that does not take the farewell has lost only that.
        let _ = tokio::time::timeout(patience, farewell).await;
    }

    /// Ready when some bytes have been taken, or the client is gone.
    fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Stop>> {
        if let Poll::Ready(stop) = self.poll_gone(cx) {
            return Poll::Ready(Err(stop));
        }
        self.poll_write(cx)
    }

    /// Sends as much as the client takes just now; ready only with an error.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Stop>> {
        while !self.outbox.is_empty() {
            if let Err(stop) = ready!(self.poll_write(cx)) {
                return Poll::Ready(Err(stop));
            }
        }
        match Pin::new(&mut self.socket).poll_flush(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(Stop::Gone(error.to_string()))),
            _ => Poll::Pending,
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Stop>> {
        Poll::Ready(match ready!(Pin::new(&mut self.socket).poll_write(cx, &self.outbox)) {
            Ok(0) => Err(Stop::Gone("it takes no more bytes".into())),
            Ok(taken) => {
                self.outbox.advance(taken);
                Ok(())
            }
            Err(error) => Err(Stop::Gone(error.to_string())),
        })
    }

    /// Reads ahead as far as the bound allows; ready only when the client is gone.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<Stop> {
        while self.inbox.len() <= self.limits.message {
            self.inbox.reserve(READ_BYTES);
            let read = pin!(self.socket.read_buf(&mut self.inbox));
            match ready!(read.poll(cx)) {
                Ok(0) => return Poll::Ready(Stop::Gone("it closed the connection".into())),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Stop::Gone(error.to_string())),
            }
        }
        loop {
            ready!(self.probe.poll_tick(cx));
            if self.socket.is_closed() {
                return Poll::Ready(Stop::Gone("it closed the connection".into()));
            }
        }
    }
}
