//! Errors of the database, classified once.

use std::path::Path;
use weft_core::{Error, ErrorKind};

/// SQLite's primary result codes that a user can do something about. Source: <https://sqlite.org/rescode.html>.
const BUSY: &str = "5";
const LOCKED: &str = "6";
const CORRUPT: &str = "11";
const FULL: &str = "13";
const READ_ONLY: &str = "8";
const IO: &str = "10";
const CANNOT_OPEN: &str = "14";
const NOT_A_DATABASE: &str = "26";

/// The error for a failed statement on the file.
pub(crate) fn classify(error: sqlx::Error, path: &Path) -> Error {
    let file = path.display();
    let code = match &error {
        sqlx::Error::Database(inner) => inner.code().map(|c| primary(&c)),
        _ => None,
    };
    let classified = match (code.as_deref(), &error) {
        (Some(BUSY | LOCKED), _) | (_, sqlx::Error::PoolTimedOut) => {
            Error::new(ErrorKind::CannotConnectNow, format!("the metadata store {file} is busy"))
                .with_hint("Try again.")
        }
        (Some(CORRUPT | NOT_A_DATABASE), _) => {
            Error::new(ErrorKind::DataCorrupted, format!("the metadata store {file} is damaged"))
                .with_hint("Restore it from a backup.")
        }
        (Some(FULL), _) => Error::new(ErrorKind::DiskFull, format!("no space left for the metadata store {file}")),
        (Some(READ_ONLY | IO | CANNOT_OPEN), _) => {
            Error::new(ErrorKind::IoError, format!("the metadata store {file} cannot be read or written"))
        }
        (_, sqlx::Error::PoolClosed) => Error::new(ErrorKind::AdminShutdown, "the metadata store is closed"),
        (_, sqlx::Error::Io(inner)) => {
            Error::new(ErrorKind::IoError, format!("the metadata store {file} cannot be used: {inner}"))
        }
        _ => Error::internal(format!("metadata store: {error}")),
    };
    classified.with_source(error)
}

/// The low byte of an extended result code.
fn primary(code: &str) -> String {
    code.parse::<u32>().map_or_else(|_| code.to_owned(), |n| (n & 0xff).to_string())
}

/// Why something that takes several statements failed: the database did, or what is told to the user is known already.
pub(crate) enum Failure {
    /// To be classified.
    Database(sqlx::Error),
    /// As the user is to read it.
    Told(Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Failure::Database(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Told(error)
    }
}
