//! Errors of the database, classified once.

use std::path::PathBuf;
use weft_core::{Error, ErrorKind};

/// SQLite's primary result codes that a user can do something about. Source: <https://sqlite.org/rescode.html>.
mod code {
    pub(super) const BUSY: &str = "5";
    pub(super) const LOCKED: &str = "6";
    pub(super) const CORRUPT: &str = "11";
    pub(super) const FULL: &str = "13";
    pub(super) const READ_ONLY: &str = "8";
    pub(super) const IO: &str = "10";
    pub(super) const CANNOT_OPEN: &str = "14";
    pub(super) const NOT_A_DATABASE: &str = "26";
}

/// Which database it is, for messages: without user and password.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL server: `host:port/database`.
    Server(String),
}

/// The error for a failed statement.
pub(crate) fn classify(error: sqlx::Error, place: &Place) -> Error {
    if matches!(error, sqlx::Error::PoolClosed) {
        return Error::new(ErrorKind::AdminShutdown, "the metadata store is closed").with_source(error);
    }
    let classified = match place {
        Place::File(path) => of_file(&error, &path.display().to_string()),
        Place::Server(server) => of_server(&error, server),
    };
    classified.unwrap_or_else(|| Error::internal(format!("metadata store: {error}"))).with_source(error)
}

fn of_file(error: &sqlx::Error, file: &str) -> Option<Error> {
    let code = match error {
        sqlx::Error::Database(inner) => inner.code().map(|c| primary(&c)),
        _ => None,
    };
    Some(match (code.as_deref(), error) {
        (Some(code::BUSY | code::LOCKED), _) | (_, sqlx::Error::PoolTimedOut) => busy(file),
        (Some(code::CORRUPT | code::NOT_A_DATABASE), _) => {
            Error::new(ErrorKind::DataCorrupted, format!("the metadata store {file} is damaged"))
                .with_hint("Restore it from a backup.")
        }
        (Some(code::FULL), _) => full(file),
        (Some(code::READ_ONLY | code::IO | code::CANNOT_OPEN), _) => {
            Error::new(ErrorKind::IoError, format!("the metadata store {file} cannot be read or written"))
        }
        (_, sqlx::Error::Io(inner)) => {
            Error::new(ErrorKind::IoError, format!("the metadata store {file} cannot be used: {inner}"))
        }
        _ => return None,
    })
}

/// PostgreSQL's SQLSTATEs that a user can do something about. Source: appendix A of its manual.
fn of_server(error: &sqlx::Error, server: &str) -> Option<Error> {
    if is_away(error) {
        return Some(
            Error::new(ErrorKind::CannotConnectNow, format!("the metadata store at {server} is away"))
                .with_detail(reason(error))
                .with_hint("Try again when the server answers."),
        );
    }
    let sqlx::Error::Database(inner) = error else { return None };
    let refused = |hint: &str| {
        let message = format!("the metadata store at {server} refuses: {}", inner.message());
        Error::new(ErrorKind::ObjectNotInPrerequisiteState, message).with_hint(hint)
    };
    Some(match inner.code().as_deref()? {
        "28P01" | "28000" => refused("Check user and password of the setting metastore."),
        "3D000" => refused("Create the database, or name another one with the setting metastore."),
        "42501" => refused("The user needs CREATE on the database, or must own what Weft has made in it."),
        "25006" => refused("It must be a server that can be written, no standby."),
        "55P03" | "57014" | "40P01" | "40001" => busy(server),
        "53100" => full(server),
        _ => return None,
    })
}

/// Whether the server cannot be reached, as opposed to an answer of it.
pub(crate) fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::WorkerCrashed => true,
        // It shuts down, starts, or has no room for another connection.
        sqlx::Error::Database(inner) => inner
            .code()
            .is_some_and(|code| matches!(&*code, "57P01" | "57P02" | "57P03" | "53300") || code.starts_with("08")),
        _ => false,
    }
}

/// The error for an answer that did not come in time.
pub(crate) fn away() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer in time"))
}

fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(inner) => inner.message().to_owned(),
        sqlx::Error::PoolTimedOut => "There was no connection in time.".to_owned(),
        other => other.to_string(),
    }
}

fn busy(what: &str) -> Error {
    Error::new(ErrorKind::CannotConnectNow, format!("the metadata store {what} is busy")).with_hint("Try again.")
}

fn full(what: &str) -> Error {
    Error::new(ErrorKind::DiskFull, format!("no space left for the metadata store {what}"))
}

/// The low byte of an extended result code.
fn primary(code: &str) -> String {
    code.parse::<u32>().map_or_else(|_| code.to_owned(), |n| (n & 0xff).to_string())
}

/// The error for migrations that failed.
pub(crate) fn migration(error: sqlx::migrate::MigrateError, place: &Place) -> Error {
    use sqlx::migrate::MigrateError;
    let name = match place {
        Place::File(path) => path.display().to_string(),
        Place::Server(server) => format!("at {server}"),
    };
    match error {
        MigrateError::VersionMissing(version) => {
            let message = format!("the metadata store {name} was written by a newer Weft");
            Error::new(ErrorKind::ObjectNotInPrerequisiteState, message)
                .with_detail(format!("It has migration {version}, which this program does not know."))
                .with_hint("Run the newer program, or restore a backup that this one has made.")
        }
        MigrateError::Execute(inner) | MigrateError::ExecuteMigration(inner, _) => classify(inner, place),
        other => {
            let message = format!("the metadata store {name} cannot be migrated: {other}");
            Error::new(ErrorKind::DataCorrupted, message).with_source(other)
        }
    }
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

impl Failure {
    /// As the user is to read it.
    pub(crate) fn told(self, place: &Place) -> Error {
        match self {
            Failure::Database(error) => classify(error, place),
            Failure::Told(error) => error,
        }
    }
}
