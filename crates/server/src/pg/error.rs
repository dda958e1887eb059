//! Errors as this protocol says them: which of the fields of ErrorResponse a client sees, and what becomes of the connection. Source: chapter 55.8 of
//! PostgreSQL's manual.

use super::message;
use bytes::BytesMut;
use std::fmt;
use weft_core::{Error, ErrorKind};
use weft_engine::Notice;

/// Why a connection ends.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The client is away: nothing can be told to it. The text is for the log.
    Gone(String),
    /// The client is told this and then dropped.
    Fatal(Error),
    /// It was idle for `idle_session_timeout`. `57P05`
    Idle,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Gone(how) => f.write_str(how),
            Stop::Fatal(error) => write!(f, "{error}"),
            Stop::Idle => f.write_str("idle for idle_session_timeout"),
        }
    }
}

/// Why a message of the client was not answered as it wished.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The statement failed; the connection goes on.
    Statement(Error),
    /// The connection ends.
    Connection(Stop),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error.kind() {
            // Whoever ended the session wants its client to go.
            ErrorKind::AdminShutdown => Trouble::Connection(Stop::Fatal(error)),
            _ => Trouble::Statement(error),
        }
    }
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        Trouble::Connection(stop)
    }
}

/// `ERROR`: the statement failed.
pub(crate) fn put_error(out: &mut BytesMut, error: &Error) {
    put(out, "ERROR", error.kind().sqlstate(), error);
}

/// `FATAL`: the connection ends.
pub(crate) fn put_stop(out: &mut BytesMut, stop: &Stop) {
    match stop {
        Stop::Gone(_) => {}
        Stop::Fatal(error) => put(out, "FATAL", error.kind().sqlstate(), error),
        Stop::Idle => {
            let error = Error::new(ErrorKind::AdminShutdown, "terminating connection due to idle-session timeout");
            put(out, "FATAL", "57P05", &error);
        }
    }
}

/// NoticeResponse.
pub(crate) fn put_notice(out: &mut BytesMut, notice: &Notice) {
    message::response(
        out,
        b'N',
        &[(b'S', notice.severity), (b'V', notice.severity), (b'C', notice.sqlstate), (b'M', &notice.message)],
    );
}

fn put(out: &mut BytesMut, severity: &str, sqlstate: &str, error: &Error) {
    if error.kind() == ErrorKind::Internal {
        // The cause may hold what the client must not see: it gets a number to ask for.
        let id = uuid::Uuid::now_v7();
        tracing::error!(%id, ?error, "internal error");
        let message = format!("internal error {id}");
        message::response(
            out,
            b'E',
            &[
                (b'S', severity),
                (b'V', severity),
                (b'C', sqlstate),
                (b'M', &message),
                (b'H', "The cause is in the gateway's log under this id."),
            ],
        );
        return;
    }
    let position = error.position().map(|p| p.to_string());
    let mut fields = vec![(b'S', severity), (b'V', severity), (b'C', sqlstate), (b'M', error.message())];
    fields.extend(error.detail().map(|d| (b'D', d)));
    fields.extend(error.hint().map(|h| (b'H', h)));
    fields.extend(position.as_deref().map(|p| (b'P', p)));
    message::response(out, b'E', &fields);
}
