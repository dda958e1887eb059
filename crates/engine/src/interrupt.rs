//! The signal that stops a statement: a cancel from anywhere, its timeout, the end of its session. Every wait of a statement listens to it.

use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use weft_core::{Error, ErrorKind};

/// Shared by everything that works for one statement.
#[derive(Clone)]
pub struct Interrupt {
    inner: Arc<Inner>,
}

struct Inner {
    cancelled: CancellationToken,
    session_ended: CancellationToken,
    deadline: Option<Instant>,
}

impl Interrupt {
    /// A new signal: fires when `cancelled` or `session_ended` does, or when `timeout` (if any) has passed from now.
    pub fn new(cancelled: CancellationToken, session_ended: CancellationToken, timeout: Option<Duration>) -> Self {
        let deadline = timeout.map(|t| Instant::now() + t);
        Interrupt { inner: Arc::new(Inner { cancelled, session_ended, deadline }) }
    }

    /// Waits until the statement must stop, and tells why as the client is to read it.
    pub async fn fired(&self) -> Error {
        let deadline = async {
            match self.inner.deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.inner.session_ended.cancelled() => {
                Error::new(ErrorKind::AdminShutdown, "terminating connection due to administrator command")
            }
            () = self.inner.cancelled.cancelled() => Error::new(ErrorKind::QueryCanceled, "canceling statement due to user request"),
            () = deadline => Error::new(ErrorKind::QueryCanceled, "canceling statement due to statement timeout"),
        }
    }

    /// Runs the work unless the signal fires first.
    pub async fn guard<T>(&self, work: impl Future<Output = weft_core::Result<T>>) -> weft_core::Result<T> {
        tokio::select! {
            biased;
            error = self.fired() => Err(error),
            done = work => done,
        }
    }
}
