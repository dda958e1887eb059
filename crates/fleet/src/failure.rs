//! Errors between worker and gateway: how one travels, and what it says of the worker. It must not know who is asked next.

use serde::{Deserialize, Serialize};
use tonic::{Code, Status};
use weft_core::{Error, ErrorKind};

/// An error as it travels, in the details of a gRPC status.
#[derive(Serialize, Deserialize)]
struct Told {
    kind: ErrorKind,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
}

/// What has gone wrong, if the same statement is to be tried elsewhere.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The statement's own: it would fail anywhere.
    OfStatement(Error),
    /// The worker cannot do it now, and may well do other things.
    OfMoment(Error),
    /// The worker is gone, or hangs, or cannot be trusted.
    OfWorker(Error),
}

impl Failure {
    /// The error itself.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Failure::OfStatement(e) | Failure::OfMoment(e) | Failure::OfWorker(e) => e,
        }
    }

    /// What a worker's, or the connection's, status says.
    pub(crate) fn of(status: &Status, worker: &str) -> Failure {
        let Ok(told) = serde_json::from_slice::<Told>(status.details()) else {
            let error = Error::new(ErrorKind::ConnectionFailed, format!("worker \"{worker}\" does not answer"));
            return Failure::OfWorker(error.with_detail(reason(status)));
        };
        let mut error = Error::new(told.kind, told.message);
        if let Some(detail) = told.detail {
            error = error.with_detail(detail);
        }
        if let Some(hint) = told.hint {
            error = error.with_hint(hint);
        }
        match told.kind {
            ErrorKind::InvalidAuthorization | ErrorKind::CannotConnectNow => Failure::OfWorker(error),
            // A store that it cannot reach, memory or disk that it does not have: another one may.
            ErrorKind::AdminShutdown
            | ErrorKind::ConnectionFailed
            | ErrorKind::TooManyConnections
            | ErrorKind::OutOfMemory
            | ErrorKind::DiskFull => Failure::OfMoment(error),
            _ => Failure::OfStatement(error),
        }
    }
}

/// The innermost cause: what stands around it is only how libraries are put together.
fn reason(status: &Status) -> String {
    let mut cause: &dyn std::error::Error = status;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match cause.downcast_ref::<Status>() {
        Some(status) => status.message().to_owned(),
        None => cause.to_string(),
    }
}

/// The error as it travels.
pub(crate) fn status(error: &Error) -> Status {
    let told = Told {
        kind: error.kind(),
        message: error.message().to_owned(),
        detail: error.detail().map(str::to_owned),
        hint: error.hint().map(str::to_owned),
    };
    // A status without details is taken for a failure of the connection: the statement is then tried elsewhere.
    let details = serde_json::to_vec(&told).unwrap_or_default();
    Status::with_details(Code::Unknown, error.message(), details.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_arrive_as_they_were_sent() {
        let sent = Error::new(ErrorKind::DivisionByZero, "division by zero").with_hint("do not");
        let Failure::OfStatement(told) = Failure::of(&status(&sent), "w") else { panic!("the statement's own") };
        assert_eq!((told.kind(), told.message(), told.hint()), (sent.kind(), sent.message(), sent.hint()));
    }

    #[test]
    fn what_says_nothing_is_the_workers_fault() {
        let failure = Failure::of(&Status::unavailable("tcp connect error"), "w1");
        let Failure::OfWorker(error) = failure else { panic!("the worker's") };
        assert_eq!(error.message(), "worker \"w1\" does not answer");
        assert_eq!(error.detail(), Some("tcp connect error"));
    }
}
