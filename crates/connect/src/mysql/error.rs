//! The driver's errors as Weft's, by MySQL's numbers. What the server says may be shown: it never repeats a password. Sources of the numbers: "Server
//! Error Message Reference" of MySQL 8.0 and "MariaDB Error Codes".

use crate::database::Place;
use mysql_async::{DriverError, Error as DriverFailure, ServerError};
use weft_core::{Error, ErrorKind};

/// While a connection is made: nothing can be done with the source at all.
pub(super) fn at_connect(error: DriverFailure, place: &Place) -> Error {
    match &error {
        DriverFailure::Server(told) => match told.code {
            // Not 28P01: clients would take it for the login to Weft.
            1044 | 1045 | 1698 => place
                .unreachable(&told.message)
                .with_hint("Check user and password: ALTER CATALOG … OPTIONS (SET password '…')."),
            3159 => place.unreachable(&told.message).with_hint("Set the option ssl_mode to 'required'."),
            1040 | 1203 | 1226 => {
                Error::new(ErrorKind::TooManyConnections, format!("{} accepts no more connections", place.subject()))
                    .with_detail(format!("{}: {}", place.address, told.message))
            }
            _ => place.unreachable(&told.message),
        },
        DriverFailure::Driver(DriverError::NoClientSslFlagFromServer) => place
            .unreachable("the server does not encrypt connections")
            .with_hint("Set the option ssl_mode to 'disabled', or teach the server TLS."),
        _ => place.unreachable(summary(&error)),
    }
    .with_source(error)
}

/// While a statement runs.
pub(super) fn at_statement(error: DriverFailure, place: &Place) -> Error {
    match &error {
        DriverFailure::Server(told) if is_gone(told.code) => place.lost(&told.message),
        DriverFailure::Server(told) => {
            let detail = format!("{} said error {}.", place.address, told.code);
            Error::new(kind(told), format!("{}: {}", place.subject(), told.message)).with_detail(detail)
        }
        _ => place.lost(summary(&error)),
    }
    .with_source(error)
}

/// Whether what was remembered of the source's tables is no longer true.
pub(super) fn tables_have_changed(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UndefinedTable | ErrorKind::UndefinedSchema | ErrorKind::UndefinedColumn)
}

/// The connection is gone, or going.
fn is_gone(code: u16) -> bool {
    matches!(code, 1053 | 1077..=1079 | 1152 | 1158..=1161 | 1184 | 1927 | 4031)
}

fn kind(told: &ServerError) -> ErrorKind {
    use ErrorKind::*;
    match told.code {
        1317 | 3024 | 1969 | 1028 => QueryCanceled,
        1046 | 1049 => UndefinedSchema,
        1051 | 1109 | 1146 | 1932 => UndefinedTable,
        1054 => UndefinedColumn,
        1052 => AmbiguousColumn,
        1060 => DuplicateColumn,
        1305 | 1128 | 1630 => UndefinedFunction,
        1582..=1584 => DatatypeMismatch,
        1055 | 1056 | 1111 | 1140 => GroupingError,
        1064 | 1065 | 1149 | 1248 => SyntaxError,
        1295 => FeatureNotSupported,
        1044 | 1045 | 1142 | 1143 | 1227 | 1345 | 1370 => InsufficientPrivilege,
        1290 | 1792 | 1836 | 3100 => ReadOnlyTransaction,
        1242 => CardinalityViolation,
        1264 | 1416 | 1690 => NumericOutOfRange,
        1365 => DivisionByZero,
        1292 | 1525 => InvalidDatetimeFormat,
        1366 | 1367 | 1411 => InvalidTextRepresentation,
        3140 | 3141 | 3143 | 4037 | 4038 => DataException,
        1139 | 3685..=3699 => InvalidRegularExpression,
        1300 | 1977 | 3854 => CharacterNotInRepertoire,
        5 | 1037 | 1038 | 1041 => OutOfMemory,
        1021 | 1114 => DiskFull,
        1104 | 1153 | 1162 | 1301 | 1436 => ProgramLimitExceeded,
        1040 | 1203 | 1226 | 1461 => TooManyConnections,
        1099 | 1205 | 1213 | 3572 => ObjectInUse,
        1356 => ObjectNotInPrerequisiteState,
        1030 | 1194 | 1195 | 1712 => DataCorrupted,
        _ => SourceFailed,
    }
}

/// One line, without the driver's words around it.
fn summary(error: &DriverFailure) -> String {
    match error {
        DriverFailure::Io(cause) => cause.to_string(),
        DriverFailure::Driver(DriverError::PacketTooLarge) => {
            "it sent a row of more bytes than Weft takes at once".to_owned()
        }
        DriverFailure::Driver(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { catalog: "shop".to_owned(), address: "db:3306".to_owned() }
    }

    fn told(code: u16) -> DriverFailure {
        DriverFailure::Server(ServerError { code, message: "Told so".to_owned(), state: "HY000".to_owned() })
    }

    #[test]
    fn a_refused_login_is_not_ours() {
        let error = at_connect(told(1045), &place());
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::ConnectionFailed, "catalog \"shop\" cannot be reached")
        );
        assert_eq!(error.detail(), Some("db:3306: Told so"));
        assert!(error.hint().is_some());
    }

    #[test]
    fn statements_fail_by_number() {
        let error = at_statement(told(1146), &place());
        assert_eq!((error.kind(), error.message()), (ErrorKind::UndefinedTable, "catalog \"shop\": Told so"));
        assert!(tables_have_changed(error.kind()));
        assert_eq!(at_statement(told(1053), &place()).kind(), ErrorKind::ConnectionFailed);
        assert_eq!(at_statement(told(64_000), &place()).kind(), ErrorKind::SourceFailed);
    }
}
