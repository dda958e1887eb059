//! Errors as gRPC says them: the code by the kind, the message with detail and hint, and all of them by themselves in the headers `sqlstate`, `detail-bin` and
//! `hint-bin`. It must not know what failed.

use arrow_flight::error::FlightError;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};
use weft_core::{Error, ErrorKind};

/// Bytes of a message, detail or hint that fit into the headers that clients accept.
const MAX_BYTES: usize = 2048;

/// The error for a client. Of an internal one it gets a number to ask for: the cause may hold what it must not see.
pub(crate) fn status(error: &Error) -> Status {
    if error.kind() == ErrorKind::Internal {
        let id = uuid::Uuid::now_v7();
        tracing::error!(%id, ?error, "internal error");
        let hint = "The cause is in the gateway's log under this id.";
        return made(ErrorKind::Internal, &format!("internal error {id}"), None, Some(hint));
    }
    made(error.kind(), error.message(), error.detail(), error.hint())
}

/// The error on its way through a stream of batches.
pub(crate) fn in_stream(error: &Error) -> FlightError {
    FlightError::Tonic(Box::new(status(error)))
}

fn made(kind: ErrorKind, message: &str, detail: Option<&str>, hint: Option<&str>) -> Status {
    let mut text = format!("{}: {}", kind.sqlstate(), cut(message));
    let mut headers = MetadataMap::new();
    if let Ok(sqlstate) = kind.sqlstate().parse() {
        headers.insert("sqlstate", sqlstate);
    }
    for (label, key, line) in [("DETAIL", "detail-bin", detail), ("HINT", "hint-bin", hint)] {
        if let Some(line) = line.map(cut) {
            text += &format!("\n{label}: {line}");
            headers.insert_bin(key, MetadataValue::from_bytes(line.as_bytes()));
        }
    }
    Status::with_metadata(code(kind), text, headers)
}

/// The text, or as much of it as fits.
fn cut(text: &str) -> &str {
    match text.char_indices().map(|(at, _)| at).find(|at| *at > MAX_BYTES) {
        Some(end) => &text[..end],
        None => text,
    }
}

/// gRPC's code for a kind.
fn code(kind: ErrorKind) -> Code {
    use ErrorKind::*;
    match kind {
        ConnectionFailed | AdminShutdown | CannotConnectNow => Code::Unavailable,
        FeatureNotSupported => Code::Unimplemented,
        InvalidPassword | InvalidAuthorization => Code::Unauthenticated,
        InsufficientPrivilege => Code::PermissionDenied,
        UndefinedCatalog | UndefinedSchema | UndefinedTable | UndefinedFile | InvalidStatementName
        | InvalidCursorName => Code::NotFound,
        DuplicateTable | DuplicateObject | DuplicateCatalog | DuplicateCursor | DuplicateStatement => {
            Code::AlreadyExists
        }
        TooManyConnections | ConfigurationLimitExceeded | ProgramLimitExceeded | DiskFull | OutOfMemory => {
            Code::ResourceExhausted
        }
        QueryCanceled => Code::Cancelled,
        ActiveTransaction
        | NoActiveTransaction
        | InFailedTransaction
        | ReadOnlyTransaction
        | InvalidSavepoint
        | InvalidCursorState
        | DependentObjects
        | ObjectNotInPrerequisiteState
        | ObjectInUse => Code::FailedPrecondition,
        NumericOutOfRange | DatetimeOutOfRange => Code::OutOfRange,
        DataCorrupted => Code::DataLoss,
        IoError | SourceFailed => Code::Unknown,
        Internal => Code::Internal,
        _ => Code::InvalidArgument,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_told() {
        let error = Error::new(ErrorKind::UndefinedTable, "no such thing").with_detail("dét").with_hint("look");
        let status = status(&error);
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(status.message(), "42P01: no such thing\nDETAIL: dét\nHINT: look");
        assert_eq!(status.metadata().get("sqlstate").and_then(|v| v.to_str().ok()), Some("42P01"));
        let detail = status.metadata().get_bin("detail-bin").and_then(|v| v.to_bytes().ok());
        assert_eq!(detail.as_deref(), Some("dét".as_bytes()));
    }

    #[test]
    fn causes_stay_here() {
        let status = status(&Error::internal("the password is x"));
        assert!(!status.message().contains("password"), "{}", status.message());
    }
}
