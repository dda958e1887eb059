//! A client that is logged in: takes its messages one by one, gives each to its room, and keeps the rule that after an error in the extended protocol
//! all is skipped up to Sync. Source: chapter 55.2 of PostgreSQL's manual.

use super::error::{Stop, Trouble, put_error, put_notice};
use super::frame::Frame;
use super::listener::Shared;
use super::message;
use super::portals::Portals;
use super::statements::Statements;
use super::wire::Wire;
use super::{extended, simple};
use bytes::BytesMut;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use weft_core::{Error, ErrorKind};
use weft_engine::{Session, TransactionState};

/// One client.
pub(crate) struct Connection {
    pub(super) wire: Wire,
    pub(super) session: Arc<Session>,
    pub(super) statements: Statements,
    pub(super) portals: Portals,
    draining: CancellationToken,
    idle_limit: Duration,
    pipeline: Pipeline,
}

/// What becomes of the messages of the extended protocol.
#[derive(PartialEq, Eq)]
enum Pipeline {
    /// They are answered.
    Open,
    /// One failed: they are skipped until Sync.
    Failed,
}

impl Connection {
    /// After the greeting; ReadyForQuery is still to be said.
    pub(crate) fn new(wire: Wire, session: Arc<Session>, shared: &Shared) -> Self {
        let message_bytes = shared.limits.message;
        Connection {
            wire,
            session,
            statements: Statements::new(message_bytes),
            portals: Portals::new(message_bytes),
            draining: shared.draining.clone(),
            idle_limit: shared.access.gateway().settings().idle_session_timeout.0,
            pipeline: Pipeline::Open,
        }
    }

    /// Where a last word to the client goes.
    pub(crate) fn outbox(&mut self) -> &mut BytesMut {
        &mut self.wire.outbox
    }

    /// Ends the session and keeps the socket.
    pub(crate) fn into_wire(self) -> Wire {
        self.wire
    }

    /// Serves the client until it terminates (`Ok`) or must go.
    pub(crate) async fn run(&mut self) -> Result<(), Stop> {
        self.ready().await?;
        loop {
            let frame = self.next().await?;
            if frame.tag == b'X' {
                return Ok(());
            }
            self.answer(frame).await?;
            if self.wire.is_full() {
                self.wire.flush().await?;
            }
        }
    }

    /// The next message, unless the session must end before it comes. Messages that are there already are served first.
    async fn next(&mut self) -> Result<Frame, Stop> {
        let idle_limit = self.idle_limit;
        let idle = async {
            match idle_limit {
                Duration::ZERO => std::future::pending().await,
                limit => tokio::time::sleep(limit).await,
            }
        };
        tokio::select! {
            biased;
            frame = self.wire.frame() => frame,
            () = self.session.ended() => Err(terminated()),
            () = self.draining.cancelled() => Err(terminated()),
            () = idle => Err(Stop::Idle),
        }
    }

    async fn answer(&mut self, frame: Frame) -> Result<(), Stop> {
        match frame.tag {
            b'Q' => {
                self.pipeline = Pipeline::Open;
                let done = simple::query(self, frame.body).await;
                self.settle(done)?;
                self.finish().await
            }
            b'P' | b'B' | b'D' | b'E' | b'C' if self.pipeline == Pipeline::Failed => Ok(()),
            b'P' | b'B' | b'D' | b'E' | b'C' => {
                let done = extended::answer(self, frame).await;
                self.settle(done)
            }
            b'H' => self.wire.flush().await,
            b'S' => {
                self.pipeline = Pipeline::Open;
                self.finish().await
            }
            b'F' => {
                self.settle(Err(Error::unsupported("the function call protocol").into()))?;
                self.pipeline = Pipeline::Open;
                self.finish().await
            }
            // A client in the middle of COPY sends these after it failed; they are to be ignored.
            b'd' | b'c' | b'f' => Ok(()),
            tag => Err(Stop::Fatal(Error::new(
                ErrorKind::ProtocolViolation,
                format!("unexpected message type 0x{tag:02X} outside of authentication"),
            ))),
        }
    }

    /// Tells the client of a failure, and the session.
    fn settle(&mut self, done: Result<(), Trouble>) -> Result<(), Stop> {
        match done {
            Ok(()) => Ok(()),
            Err(Trouble::Connection(stop)) => Err(stop),
            Err(Trouble::Statement(error)) => {
                self.put_notices();
                put_error(&mut self.wire.outbox, &error);
                self.session.failed(&error);
                self.pipeline = Pipeline::Failed;
                Ok(())
            }
        }
    }

    /// The end of an implicit transaction: portals die, and the client may go on.
    async fn finish(&mut self) -> Result<(), Stop> {
        self.pipeline = Pipeline::Open;
        self.session.sync();
        if self.session.transaction() == TransactionState::Idle {
            self.portals.clear();
        }
        self.ready().await
    }

    /// ReadyForQuery, with all that precedes it.
    async fn ready(&mut self) -> Result<(), Stop> {
        self.put_notices();
        self.put_reports();
        message::ready(&mut self.wire.outbox, self.session.transaction());
        self.wire.flush().await
    }

    /// Notices that have come up.
    pub(super) fn put_notices(&mut self) {
        for notice in self.session.take_notices() {
            put_notice(&mut self.wire.outbox, &notice);
        }
    }

    /// Session variables that have changed and that clients follow.
    pub(super) fn put_reports(&mut self) {
        for (name, value) in self.session.take_reports() {
            message::parameter_status(&mut self.wire.outbox, &name, &value);
        }
    }
}

fn terminated() -> Stop {
    Stop::Fatal(Error::new(ErrorKind::AdminShutdown, "terminating connection due to administrator command"))
}
