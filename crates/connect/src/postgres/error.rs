//! What the server or the driver said, as an error of Weft's. It must not know which statement it was about.

use crate::database::Place;
use std::error::Error as _;
use tokio_postgres::error::DbError;
use weft_core::{Error, ErrorKind};

/// Kinds that mean the same wherever they are raised. Those of a server that goes down are not among them: Weft does not.
const PASSED_ON: &[ErrorKind] = &[
    ErrorKind::FeatureNotSupported,
    ErrorKind::CardinalityViolation,
    ErrorKind::DataException,
    ErrorKind::NumericOutOfRange,
    ErrorKind::InvalidDatetimeFormat,
    ErrorKind::DatetimeOutOfRange,
    ErrorKind::DivisionByZero,
    ErrorKind::CharacterNotInRepertoire,
    ErrorKind::InvalidParameterValue,
    ErrorKind::InvalidTextRepresentation,
    ErrorKind::InvalidBinaryRepresentation,
    ErrorKind::InvalidArgumentForLogarithm,
    ErrorKind::InvalidArgumentForPower,
    ErrorKind::InvalidRegularExpression,
    ErrorKind::InvalidRowCountInLimit,
    ErrorKind::InvalidRowCountInOffset,
    ErrorKind::ReadOnlyTransaction,
    ErrorKind::UndefinedSchema,
    ErrorKind::InsufficientPrivilege,
    ErrorKind::SyntaxError,
    ErrorKind::InvalidName,
    ErrorKind::NameTooLong,
    ErrorKind::DuplicateColumn,
    ErrorKind::AmbiguousColumn,
    ErrorKind::UndefinedColumn,
    ErrorKind::UndefinedObject,
    ErrorKind::AmbiguousFunction,
    ErrorKind::GroupingError,
    ErrorKind::DatatypeMismatch,
    ErrorKind::WrongObjectType,
    ErrorKind::CannotCoerce,
    ErrorKind::UndefinedFunction,
    ErrorKind::UndefinedTable,
    ErrorKind::UndefinedParameter,
    ErrorKind::IndeterminateDatatype,
    ErrorKind::DiskFull,
    ErrorKind::OutOfMemory,
    ErrorKind::ProgramLimitExceeded,
    ErrorKind::QueryCanceled,
    ErrorKind::DataCorrupted,
];

/// Why no connection could be made.
pub(super) fn refused(place: &Place, error: &tokio_postgres::Error) -> Error {
    let Some(said) = error.as_db_error() else { return place.unreachable(causes(error)) };
    let code = said.code().code();
    let refused = place.unreachable(format!("{} (SQLSTATE {code})", said.message()));
    match code {
        "28P01" | "28000" => {
            refused.with_hint("Check the options user and password of the catalog, and pg_hba.conf of the server.")
        }
        "3D000" => refused.with_hint("Check the option database of the catalog."),
        "53300" => refused.with_hint("The server has no connection left: lower max_connections of the catalog."),
        _ => refused,
    }
}

/// Why a statement failed.
pub(super) fn failed(place: &Place, error: &tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(said) => reported(place, said),
        None => place.lost(causes(error)),
    }
}

/// Whether it is about the connection, not about what was sent.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_none_or(|said| ends_connection(said.code().code()))
}

/// Codes of a connection that breaks, and of a server that goes down.
fn ends_connection(code: &str) -> bool {
    code.starts_with("08") || code.starts_with("57P")
}

/// What the server reported of a statement.
fn reported(place: &Place, said: &DbError) -> Error {
    let code = said.code().code();
    if ends_connection(code) {
        return place.lost(format!("{} (SQLSTATE {code})", said.message()));
    }
    let by = format!("Reported by {} at {}", place.subject(), place.address);
    let more = said.detail().map(|d| format!(" {d}")).unwrap_or_default();
    let error = match PASSED_ON.iter().find(|kind| kind.sqlstate() == code) {
        Some(kind) => Error::new(*kind, said.message()).with_detail(format!("{by}.{more}")),
        None => Error::new(unnamed(code), said.message()).with_detail(format!("{by} with SQLSTATE {code}.{more}")),
    };
    match said.hint() {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// The kind for a code that Weft has no name for.
fn unnamed(code: &str) -> ErrorKind {
    if code.starts_with("22") { ErrorKind::DataException } else { ErrorKind::SourceFailed }
}

/// The driver's error with all that lies below it: by itself it says little.
fn causes(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
