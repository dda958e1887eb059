//! SIGTERM and SIGINT as things to wait for.

use tokio::signal::unix::{Signal, SignalKind, signal};
use weft_core::{Error, Result};

/// Both signals. From its creation on they no longer kill the process.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on.
    pub(super) fn listen() -> Result<Self> {
        let failed = |e| Error::internal("cannot listen for signals").with_source(e);
        Ok(Signals {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    /// The next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
